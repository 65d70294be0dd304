// The graph of a model: a box for each layer with its class, name and shape, lines from those that give to those
// that take. Graph models have a box for each op.
import { make } from './dom';
import { drawAreaOf } from './drawable';
import { layOut, type Placed } from './layout';
import { outputText } from './show';
import type { Drawable, GraphModelLike, LayerLike, ModelLike } from './types';

interface Box {
  name: string;
  kind: string;
  shape: string;
  inputs: string[];
}

const ROW = 84,
  HIGH = 52,
  LETTER = 7;

/** 'Dense' of a layer, as well as it is known. */
const kindOf = (layer: LayerLike): string => layer.getClassName?.() ?? layer.constructor.name;

/** Layers one after the other. */
const chain = (layers: readonly LayerLike[]): Box[] =>
  layers.map((layer, i) => ({
    name: layer.name,
    kind: kindOf(layer),
    shape: outputText(layer.outputShape),
    inputs: i ? [layers[i - 1].name] : [],
  }));

/** Names of the layers that an inbound node of a config names, at whatever depth. */
function named(node: unknown, into: Set<string>): void {
  if (!Array.isArray(node)) return;
  if (typeof node[0] === 'string' && typeof node[1] === 'number') into.add(node[0]);
  else for (const inner of node) named(inner, into);
}

function layersOf(model: ModelLike): Box[] {
  const json = model.toJSON?.(null, false),
    configs = json?.config?.layers;
  if (!Array.isArray(configs) || !configs.some(({ inbound_nodes }) => inbound_nodes?.length))
    return chain(model.layers);
  const byName = new Map(model.layers.map((layer) => [layer.name, layer]));
  return configs.map(({ name, class_name, inbound_nodes }) => {
    const inputs = new Set<string>(),
      layer = byName.get(name);
    named(inbound_nodes, inputs);
    return { name, kind: class_name, shape: layer ? outputText(layer.outputShape) : '', inputs: [...inputs] };
  });
}

interface GraphDef {
  node: { name: string; op: string; input?: string[] }[];
}

/** The ops of a graph; constants are left out, and inputs that only say what comes first. */
function opsOf({ node }: GraphDef): Box[] {
  return node
    .filter(({ op }) => op !== 'Const')
    .map(({ name, op, input = [] }) => ({
      name,
      kind: op,
      shape: '',
      inputs: input.filter((one) => !one.startsWith('^')).map((one) => one.split(':')[0]),
    }));
}

function svg(tag: string, attributes: Record<string, string | number>, ...children: (Node | string)[]): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

const short = (text: string): string => (text.length > 34 ? `…${text.slice(-33)}` : text);
const widthOf = ({ name, kind, shape }: Box): number =>
  Math.max(90, Math.max(short(name).length, kind.length + shape.length + 2) * LETTER + 20);

function boxOf(box: Box, { x, y }: { x: number; y: number }, isEnd: boolean): SVGElement {
  const width = widthOf(box);
  const title = svg('text', { x, y: y - 4, 'text-anchor': 'middle' }, svg('tspan', { class: 'kind' }, box.kind));
  if (box.shape) title.append(svg('tspan', { class: 'shape', dx: 8 }, box.shape));
  return svg(
    'g',
    { class: isEnd ? 'node end' : 'node' },
    svg('title', {}, `${box.kind} ${box.name} ${box.shape}`.trim()),
    svg('rect', { x: x - width / 2, y: y - HIGH / 2, width, height: HIGH, rx: 9 }),
    title,
    svg('text', { x, y: y + 14, class: 'shape', 'text-anchor': 'middle' }, short(box.name)),
  );
}

/** A line that leaves and reaches its boxes from above, with an arrow at its end. */
function lineOf(path: Placed['lines'][number]): SVGElement {
  const points = path.map(({ x, y }, i) => ({
    x,
    y: y + (i === 0 ? HIGH / 2 : i === path.length - 1 ? -HIGH / 2 - 5 : 0),
  }));
  const parts = points.slice(1).map(({ x, y }, i) => {
    const middle = (points[i].y + y) / 2;
    return `C${points[i].x} ${middle} ${x} ${middle} ${x} ${y}`;
  });
  const end = points[points.length - 1];
  return svg(
    'g',
    {},
    svg('path', { class: 'edge', d: `M${points[0].x} ${points[0].y}${parts.join('')}` }),
    svg('path', { class: 'arrow', d: `M${end.x - 4} ${end.y - 1}h8l-4 6z` }),
  );
}

function drawing(boxes: Box[]): SVGElement {
  const placed = layOut(
    boxes.map((box) => ({ name: box.name, inputs: box.inputs, width: widthOf(box) })),
    ROW,
  );
  const taken = new Set(boxes.flatMap(({ inputs }) => inputs));
  const width = Math.ceil(placed.width) + 4;
  return svg(
    'svg',
    {
      width,
      height: placed.height,
      viewBox: `-2 0 ${width} ${placed.height}`,
      role: 'img',
      'aria-label': `Graph of ${boxes.length} nodes, from ${boxes[0]?.name ?? 'nothing'} to ${boxes.at(-1)?.name ?? 'nothing'}`,
    },
    ...placed.lines.map(lineOf),
    ...boxes.map((box) => boxOf(box, placed.at.get(box.name)!, !box.inputs.length || !taken.has(box.name))),
  );
}

/**
 * Draws a model as a graph: its layers, or the ops of a graph model.
 * @example
 * const input = tf.input({ shape: [4] }), left = tf.layers.dense({ units: 3 }).apply(input);
 * const outputs = tf.layers.concatenate().apply([left, tf.layers.dense({ units: 2 }).apply(input)]);
 * await tfvis.show.modelGraph({ name: 'Graph', tab: 'Model' }, tf.model({ inputs: input, outputs }));
 */
export async function modelGraph(container: Drawable, model: ModelLike | GraphModelLike): Promise<void> {
  const area = drawAreaOf(container);
  const isGraph = !('layers' in model),
    topology = (model as unknown as { artifacts?: { modelTopology?: GraphDef } }).artifacts?.modelTopology;
  if (isGraph && !topology?.node)
    throw new Error('modelGraph: a layers model or a graph model with its topology is needed');
  const boxes = isGraph ? opsOf(topology!) : layersOf(model);
  const old = [...area.children].find(({ className }) => className === 'vis-graph');
  const box = make(
    'div',
    { className: 'vis-graph', tabIndex: 0, role: 'group', ariaLabel: 'Graph of the model' },
    drawing(boxes),
  );
  if (old) old.replaceWith(box);
  else area.append(box);
}
