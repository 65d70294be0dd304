// tensorine summary FILE: the layers of a layers model as a tree, or a graph's scopes and its ops by count.
import * as tf from '../index';
import type { Command } from './command';
import { open, type ModelFile, type Opened } from './models';
import { bytes, print, shapeText, table, whole, wrapped } from './terminal';

const sizeOf = (shape: readonly (number | null)[]) => shape.reduce<number>((n, size) => n * (size ?? 1), 1);
const branch = (last: boolean) => (last ? '└ ' : '├ ');

/** Rows of a model's layers, those of models within it beneath their own. */
function layerRows(layers: tf.layers.Layer[], before = ''): string[][] {
  return layers.flatMap((layer, i) => {
    const last = i === layers.length - 1,
      inner = (layer as { layers?: tf.layers.Layer[] }).layers ?? [];
    const shape = [layer.outputShape].flat(1) as (number | null)[];
    const nested = Array.isArray(shape[0])
      ? (layer.outputShape as number[][]).map(shapeText).join(' ')
      : shapeText(shape);
    return [
      [`${before}${branch(last)}${layer.name} (${layer.getClassName()})`, nested, whole(layer.countParams())],
      ...layerRows(inner, `${before}${last ? '  ' : '│ '}`),
    ];
  });
}

async function ofLayers({ json }: Opened): Promise<void> {
  const model = await tf.models.modelFromJSON(json.modelTopology);
  wrapped(`${model.name}: layers model, ${model.layers.length} layers`);
  print();
  table([['layer', 'output', 'parameters'], ...layerRows(model.layers)], [2]);
  print();
  const all = model.countParams(),
    trained = model.trainableWeights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  wrapped(`${whole(all)} parameters (${bytes(4 * all)}), ${whole(trained)} of them trainable`);
  model.dispose();
}

interface Scope {
  ops: number;
  parameters: number;
  inner: Map<string, Scope>;
}
const scope = (): Scope => ({ ops: 0, parameters: 0, inner: new Map() });

/** Ops and parameters by the parts of the nodes' names. */
function scopesOf(nodes: { name: string; op: string }[], sizes: Map<string, number>): Scope {
  const top = scope();
  for (const { name, op } of nodes) {
    let at = top;
    for (const part of [...name.split('/').slice(0, -1), null]) {
      at.ops += op === 'Const' || op === 'Placeholder' ? 0 : 1;
      at.parameters += sizes.get(name) ?? 0;
      if (part === null) break;
      if (!at.inner.has(part)) at.inner.set(part, scope());
      at = at.inner.get(part)!;
    }
  }
  return top;
}

/** A row a scope; one that holds nothing but another stands in its line. */
function scopeRows({ inner }: Scope, depth: number, before = ''): string[][] {
  if (!depth) return [];
  return [...inner].flatMap(([name, found], i, all) => {
    let part = found,
      title = name;
    while (part.inner.size === 1 && [...part.inner.values()][0].ops === part.ops) {
      const [[next, only]] = part.inner;
      ((title += `/${next}`), (part = only));
    }
    const last = i === all.length - 1;
    return [
      [`${before}${branch(last)}${title}`, whole(found.ops), whole(found.parameters)],
      ...scopeRows(part, depth - 1, `${before}${last ? '  ' : '│ '}`),
    ];
  });
}

const nodesOf = ({ modelTopology: { node = [], library } }: ModelFile) => [
  ...node,
  ...(library?.function ?? []).flatMap(({ nodeDef }) => nodeDef ?? []),
];

function ofGraph({ json }: Opened, depth: number): void {
  const nodes = nodesOf(json),
    weights = (json.weightsManifest ?? []).flatMap((group) => group.weights);
  const sizes = new Map(weights.map(({ name, shape }) => [name, sizeOf(shape)])),
    counts = new Map<string, number>();
  for (const { op } of nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  wrapped(`graph model, ${whole(nodes.length)} nodes of ${counts.size} kinds`);
  const rows = scopeRows(scopesOf(nodes, sizes), depth);
  if (rows.length) (print(), table([['scope', 'ops', 'parameters'], ...rows], [1, 2]));
  print();
  table([['op', 'nodes'], ...[...counts].sort((a, b) => b[1] - a[1]).map(([op, n]) => [op, whole(n)])], [1]);
  print();
  const all = [...sizes.values()].reduce((a, b) => a + b, 0);
  wrapped(`${whole(all)} parameters (${bytes(4 * all)}) in ${whole(weights.length)} weights`);
}

export const summary: Command = {
  name: 'summary',
  takes: 'FILE',
  least: 1,
  most: 1,
  summary: 'Shows what a model is made of: its tree, its parameters, and the ops of a graph by count.',
  remarks: 'FILE is a model.json, the folder that has it, or a URL. Weights are not read.',
  options: { depth: { short: 'd', value: 'N', help: "levels of a graph's scopes (default 2)" } },
  examples: ['summary model/model.json', 'summary graph --depth 1'],
  async run(given, [file]) {
    const depth = given.number('depth', 2, 0);
    const opened = await open(file);
    if (opened.kind === 'graph') ofGraph(opened, depth);
    else await ofLayers(opened);
    return 0;
  },
};
