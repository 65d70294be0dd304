// The objects that stand for layers of the core: one a layer, as long as somebody keeps it.
import { AT, type At } from '../core/at';
import * as core from '../core/core';
import { answer } from './lowering';
import type { Layer } from './layer';

export interface LayerInfo {
  className: string; name: string; built: boolean; trainable: boolean; nodes: number; masks: boolean;
  kind: 'sequential' | 'functional' | 'recurrent' | 'cell' | 'layer'; disposed: boolean; users: number;
}

const released = new FinalizationRegistry<number>((ptr) => core.x.tn_layer_release(ptr));
const alive = new Map<number, WeakRef<Layer>>();
export type Kind = new (at: At, ptr: number) => Layer;
const kinds = new Map<LayerInfo['kind'], Kind>();

/** @internal Tells which class stands for a kind of layers; others are of that for 'layer'. */
export function setKind(name: LayerInfo['kind'], kind: Kind): void { kinds.set(name, kind); }

/** @internal The object of a layer that the core calls; undefined where it is gone. */
export const layerAt = (ptr: number): Layer | undefined => alive.get(ptr)?.deref();

/** @internal The object of a layer. `owned`: a handle comes with it; else one is taken. */
export function wrap(ptr: number, owned: boolean): Layer {
  const existing = layerAt(ptr);
  if (existing) {
    if (owned) core.x.tn_layer_release(ptr);
    return existing;
  }
  if (!owned) core.x.tn_layer_retain(ptr);
  const { kind, className } = answer<LayerInfo>('layer', () => core.x.tn_layer_info(ptr));
  const layer = new (classOf(className, kind, ptr))(AT, ptr);
  remember(layer, ptr);
  return layer;
}

const classes = new Map<string, Kind>();
/** Numbers, lists and the like: parts are objects in TensorFlow.js, names here. */
const isPlain = (field: string, value: unknown): boolean =>
  !/([aA]ctivation|Initializer|Regularizer|Constraint)$/.test(field) && !(value && typeof value === 'object' && 'className' in value);
/** What wrappers call the layers inside them. */
const INSIDE: { [className: string]: string[] } = { TimeDistributed: ['layer'], Bidirectional: ['forwardLayer', 'backwardLayer'] };

/** The class of the library's layers of a name: their configs' fields are properties. */
function classOf(className: string, kind: LayerInfo['kind'], ptr: number): Kind {
  const base = kinds.get(kind) ?? kinds.get('layer')!, known = classes.get(className);
  if (known || kind === 'sequential' || kind === 'functional') return known ?? base;
  const made = { [className]: class extends base {} }[className];
  const config = answer<Record<string, unknown>>('getConfig', () => core.x.tn_layer_config(ptr, 0, 0));
  for (const [field, value] of Object.entries(config)) {
    if (field in base.prototype || field === 'name' || !isPlain(field, value)) continue;
    Object.defineProperty(made.prototype, field, {
      get(this: Layer) { return this.getConfig()[field]; },
      set(this: Layer, given: unknown) { Object.defineProperty(this, field, { value: given, writable: true, configurable: true }); },
    });
  }
  INSIDE[className]?.forEach((field, i) => Object.defineProperty(made.prototype, field, { get(this: Layer) { return this._inside[i]; } }));
  classes.set(className, made);
  return made;
}

/** @internal From now on this is the object of a layer, and has its handle. */
export function remember(layer: Layer, ptr: number): void {
  alive.set(ptr, new WeakRef(layer));
  released.register(layer, ptr);
}
