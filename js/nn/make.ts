// Making the layers of the library from their configs.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { call, stringify, tensorList } from '../core/calls';
import { isObject } from '../core/kinds';
import { strings } from '../core/strings';
import type { TensorLike } from '../core/tensor';
import { warnUnknown } from '../core/warn';
import type { AnyLayer } from './any_layer';
import { listen, takeMade } from './custom';
import { classOf, isLayer, libraryClass, remember, setMaker, wrap } from './layer_registry';
import { plainPart } from './parts';
import { classNameOf } from './registered';

/** A config's value as JSON can hold it: parts and layers as {className, config}. */
function plainValue(value: unknown): unknown {
  if (isLayer(value)) return { handle: value.ptr };
  if (Number.isNaN(value)) return 'NaN'; // JSON would have null, which stands for the default
  return Array.isArray(value) && value.some((v) => isLayer(v)) ? value.map(plainValue) : plainPart(value);
}

/** @internal A config as JSON can hold it. */
export const plain = (config: object): object =>
  Object.fromEntries(
    Object.entries(config)
      .filter(([name]) => name !== 'weights')
      .map(([name, value]) => [name, plainValue(value)]),
  );

export type Given = { weights?: TensorLike[]; cell?: unknown };

/** Any layer with a stateSize may be a cell. */
function asCell(cell: unknown): void {
  if (isLayer(cell) && 'stateSize' in cell) core.x.tn_layer_as_cell(cell.ptr);
}

/** @internal The config of a layer in the form of the core: a list of cells becomes a stack. */
export function configOf(className: string, given: Given): Given {
  if (!isObject(given)) throw new TensorineError('value', `${className}: the config must be an object`);
  for (const cell of [given.cell, (given as { cells?: unknown }).cells].flat()) asCell(cell);
  const stacked = className === 'RNN' && Array.isArray(given.cell);
  return stacked ? { ...given, cell: makeLayer('StackedRNNCells', { cells: given.cell } as Given) } : given;
}

/** @internal A new layer in the core, with a handle; `own`: the class of a program that extends className. */
export function create(className: string, config: Given, own = className): number {
  listen();
  const json = stringify({ className, config: plain(config) }, own);
  return call(own, () => {
    const [name, text] = strings(own, json);
    return own === className ? core.x.tn_layer(text) : core.x.tn_layer_subclass(name, text);
  });
}

/** @internal Lets a new layer keep the objects of what is inside it. */
export function keepInside(layer: AnyLayer, ptr: number, className: string, config: Given): AnyLayer {
  for (const inside of [...Object.values(config).flat(), ...takeMade()]) if (isLayer(inside)) layer.kept.add(inside);
  if (config.weights) {
    call(className, () => core.x.tn_layer_set_initial(ptr, tensorList(config.weights!, 'weights')));
    layer.initialWeights = config.weights;
  }
  return layer;
}

/** @internal A new layer of a class. */
export function makeLayer(className: string, given: Given = {}): AnyLayer {
  const config = configOf(className, given);
  for (const [name, value] of Object.entries(config))
    if (typeof value === 'function')
      throw new TensorineError('value', `${className}: ${name} must not be a function: JSON cannot say it`);
  warnUnknown(className, given, 'layer', className);
  return layerOf(className, config);
}

/** @internal The layer in the core for an object of a class that extends one of the library's. */
export function makeSubclass(layer: AnyLayer, given: Given): number {
  const className = libraryClass(layer)!,
    config = configOf(className, given),
    ptr = create(className, config, classNameOf(layer));
  remember(layer, ptr);
  classOf(className, ptr);
  keepInside(layer, ptr, className, config);
  return ptr;
}

/** @internal The same of a config that was looked at. */
export function layerOf(className: string, config: Given): AnyLayer {
  const layer = wrap(create(className, config), true);
  return keepInside(layer, layer.ptr, className, config);
}

setMaker(makeLayer as (className: string, config: object) => AnyLayer);
