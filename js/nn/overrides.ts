// Methods of layers that programs have in place of the library's: by a class that extends one of them, or by
// assigning to an object or a prototype. The core knows which they are, and calls them.
import { LayerMethod } from '../generated/wasm/border';
import * as core from '../wasm/core';
import { call } from '../core/calls';
import { strings } from '../core/strings';
import type { AnyLayer } from './any_layer';
import { listen } from './custom';
import { layersAlive, remember } from './layer_registry';
import { classNameOf } from './registered';

type Method = keyof typeof LayerMethod;
const METHODS = Object.keys(LayerMethod) as Method[];
const bit = (method: Method): number => 1 << LayerMethod[method];

/** @internal Overrides to pass over: those of the library's apply(), and those of its call(). */
export const OVER_APPLY = bit('apply'),
  OVER_CALL = OVER_APPLY | bit('call') | bit('computeMask');

const library = new WeakSet<Function>();

/** Methods whose overrides the core must know. In a layer of a program's own class it calls the others anyway. */
const askedOf = (layer: AnyLayer): Method[] => (layer._isOwn ? ['apply', 'countParams'] : METHODS);

/** @internal Lets the core know which methods of a layer are not the library's. */
export function noticeOverrides(layer: AnyLayer): void {
  let overrides = 0;
  for (const method of askedOf(layer)) if (!library.has(layer[method])) overrides |= bit(method);
  if (overrides === layer._overrides) return;
  layer._overrides = overrides;
  listen();
  core.x.tn_layer_override(layer.ptr, overrides);
}

const isLayer = (target: object): target is AnyLayer => Object.hasOwn(target, 'ptr');

/** Makes a method of an object or prototype one that is noticed when another is assigned in its place. */
function assignable(target: object, method: Method, given: unknown, enumerable: boolean): void {
  Object.defineProperty(target, method, {
    configurable: true,
    enumerable,
    get: () => given,
    set(this: object, other: unknown) {
      assignable(this, method, other, isLayer(this));
      if (isLayer(this)) return noticeOverrides(this);
      for (const layer of layersAlive()) if (Object.prototype.isPrototypeOf.call(this, layer)) noticeOverrides(layer);
    },
  });
}

/** @internal Marks the methods of a class as the library's, so that others are noticed. */
export function overridable(prototype: object): void {
  for (const method of METHODS) {
    const own = Object.getOwnPropertyDescriptor(prototype, method);
    if (!own) continue;
    library.add(own.value as Function);
    assignable(prototype, method, own.value, false);
  }
}

const MODELS = ['Model', 'Functional', 'Sequential'];

/** @internal From now on the object of a model that a program made; files have the name of its class. */
export function ownModel(model: AnyLayer): void {
  const className = classNameOf(model);
  remember(model, model.ptr);
  if (MODELS.includes(className)) return;
  call(className, () => core.x.tn_layer_name_class(model.ptr, strings(className)[0]));
}
