// Layers of your own classes: the core calls them here.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { entry, handles } from '../core/arguments';
import { AT } from '../core/at';
import { Borrowed, call, pointers, single, stringify } from '../core/calls';
import { describe, returned } from '../core/returned';
import { strings } from '../core/strings';
import type { Tensor } from '../core/tensor';
import type { AnyLayer } from './any_layer';
import { layerAt } from './layer_registry';
import { inCamelCase, listenForParts } from './own_parts';
import { registeredAs, type ConfigDict } from './registered';
import type { CallArgs } from './symbol';
import type { Shape } from './symbol';
import { weightAt } from './weight';

const made: AnyLayer[] = [];

/** @internal Layers of your own that the core asked for since the last call of this; the caller keeps them. */
export const takeMade = (): AnyLayer[] => made.splice(0);

/** Runs f for a layer; what it throws becomes the core's error. */
function answering<T>(ptr: number, otherwise: T, f: (layer: AnyLayer) => T): T {
  return entry(otherwise, () => {
    const layer = layerAt(ptr);
    if (!layer)
      throw new TensorineError('value', 'the object of a layer of your own class is gone: keep it, or the model');
    return f(layer);
  });
}

const asText = (value: unknown, who: string): number => strings(stringify(value, who))[0];
const many = <T>(one: T | T[]): T[] => (Array.isArray(one) ? one : [one]);
const borrowed = (list: number): (Tensor | null)[] => handles(list).map((ptr) => (ptr ? new Borrowed(AT, ptr) : null));
const shapesFrom = (text: number): Shape | Shape[] => single(JSON.parse(core.text(text)) as Shape[]);

function build(ptr: number, shapes: number): void {
  answering(ptr, undefined, (layer) => {
    const done: unknown = layer.build(shapesFrom(shapes));
    if (done instanceof Promise) throw new TensorineError('value', `${layer.name}: build must not be async`);
    layer._weightLists.settle();
  });
}

function outputShapes(ptr: number, shapes: number): number {
  return answering(ptr, 0, (layer) => {
    const y = layer.computeOutputShape(shapesFrom(shapes)),
      all = Array.isArray(y?.[0]) ? y : [y];
    if (all.every(isShape)) return asText(all, layer.name);
    throw new TensorineError(
      'shape',
      `${layer.name}: computeOutputShape must give a shape, a list of whole numbers and null, or a ` +
        `list of shapes, but gave ${shapeShown(y)}`,
    );
  });
}

function shapeShown(given: unknown): string {
  try {
    return JSON.stringify(given) ?? describe(given);
  } catch {
    return describe(given); // what JSON cannot hold is no shape
  }
}

const isShape = (shape: unknown): boolean =>
  Array.isArray(shape) && shape.every((n) => (n ?? null) === null || Number.isInteger(n));

function configOf(layer: AnyLayer): object {
  const config: unknown = layer.getConfig();
  if (config && typeof config === 'object') return config;
  throw new TensorineError('value', `${layer.name}: getConfig must give an object, but gave ${describe(config)}`);
}

/** A mask that a layer passes on: of its first result. */
function maskOf(layer: AnyLayer, inputs: Tensor[], masks: (Tensor | null)[]): number {
  const mask = layer.supportsMasking ? many(layer.computeMask(inputs, masks))[0] : null;
  return mask ? returned(mask, `${layer.name}: computeMask`).handle(layer.name) : 0;
}

const TRAINS = 1,
  LISTS = 2,
  APPLIES = 4;

/** What call() gets besides the inputs: the arguments of apply(), or what a model says. */
const kwargsOf = (layer: AnyLayer, how: number): CallArgs => ({
  ...(how & TRAINS && { training: true }),
  ...layer._direct?.kwargs,
});

/** A model hands over a list of inputs, also of one; apply() its argument; a layer around this one a tensor. */
function inputsOf(layer: AnyLayer, all: Tensor[], how: number): Tensor | Tensor[] {
  const list = layer._direct ? layer._direct.list : how & LISTS,
    given = all.slice(0, all.length - (layer._direct?.more ?? 0));
  return list || given.length > 1 ? given : given[0];
}

function callLayer(ptr: number, list: number, masks: number, how: number): number {
  return answering(ptr, 0, (layer) => {
    const all = borrowed(list) as Tensor[],
      given = masks ? borrowed(masks) : all.map(() => null);
    const inputs = inputsOf(layer, all, how),
      kwargs = kwargsOf(layer, how);
    if (masks) kwargs.mask = given[0];
    const applies = how & APPLIES;
    if (!applies) layer._direct = null;
    const results = many((applies ? layer.apply(inputs, kwargs) : layer.call(inputs, kwargs)) as Tensor | Tensor[]);
    const found = results.map((y) => returned(y, `${layer.name}: call`).handle(layer.name));
    return pointers([...found, maskOf(layer, all, given)]);
  });
}

function loss(ptr: number): number {
  return answering(ptr, 0, (layer) => {
    const sum = layer._added
      .map((f) => returned(f(), `${layer.name}: a function of addLoss`))
      .reduce((a, b) => a.add(b))
      .mean();
    return sum.handle(layer.name);
  });
}

function before(ptr: number, list: number, how: number): void {
  answering(ptr, undefined, (layer) =>
    layer._callHook?.(inputsOf(layer, borrowed(list) as Tensor[], how), kwargsOf(layer, how)),
  );
}

function constrain(ptr: number, weight: number): number {
  return answering(ptr, weight, (layer) =>
    returned(weightAt(weight)!.constraint!.apply(new Borrowed(AT, weight)), `${layer.name}: a constraint`).handle(
      layer.name,
    ),
  );
}

/** A new layer of a registered class, whose handle the core gets. */
function make(className: number, config: number): number {
  return entry(0, () => {
    const found = registeredAs(core.text(className));
    if (!found) return 0;
    const [cls, fromConfig] = found,
      given = inCamelCase(JSON.parse(core.text(config))) as ConfigDict;
    const layer = fromConfig(cls, given) as AnyLayer;
    if (!layerAt(layer?.ptr))
      throw new TensorineError('value', `${cls.className}: fromConfig must give a layer, but gave ${describe(layer)}`);
    made.push(layer);
    if ('stateSize' in layer) core.x.tn_layer_as_cell(layer.ptr);
    core.x.tn_layer_retain(layer.ptr);
    return layer.ptr;
  });
}

let listening = false;

/** @internal Hands the core the functions above, once. */
export function listen(): void {
  listenForParts();
  if (listening) return;
  listening = true;
  const functions = [
    core.callback('vii', build),
    core.callback('iii', outputShapes),
    core.callback('iiiii', callLayer),
    core.callback('ii', (ptr) => answering(ptr, 0, (layer) => asText(configOf(layer), layer.name))),
    core.callback('ii', (ptr) =>
      answering(ptr, 0, (layer) =>
        asText(many((layer as AnyLayer & { stateSize: number | number[] }).stateSize), layer.name),
      ),
    ),
    core.callback('iii', make),
    core.callback('ii', loss),
    core.callback('viii', before),
    core.callback('iii', constrain),
    core.callback('vi', (ptr) => answering(ptr, undefined, (layer) => layer._weightLists.ask())),
    core.callback('ii', (className) => Number(registeredAs(core.text(className)) !== undefined)),
    core.callback('di', (ptr) => answering(ptr, 0, (layer) => layer.countParams())),
  ];
  call('layers', () => core.x.tn_on_layer(pointers(functions) + 4));
}

/** Has the core ask for what addLoss() added to a layer, and tell its call hook of calls. */
export function listenTo(layer: AnyLayer): void {
  listen();
  const hooked = !layer._isOwn && layer._callHook !== null;
  core.x.tn_layer_watch(layer.ptr, Number(layer._added.length > 0), Number(hooked));
}
