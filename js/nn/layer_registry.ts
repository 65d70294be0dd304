// The objects of layers of the core: one for each layer, as long as a program holds it.
import { LayerKind as LAYER_KINDS } from '../generated/wasm/border';
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { AT, type At } from '../core/at';
import { answer, call, stringify } from '../core/calls';
import { isObject } from '../core/kinds';
import { camelCase } from '../core/names';
import { strings } from '../core/strings';
import { want } from '../core/want';
import type { AnyLayer } from './any_layer';
import { partOf, plainPart } from './parts';

type LayerKind = (typeof LAYER_KINDS)[number];

const released = new FinalizationRegistry<number>((ptr) => core.x.tn_layer_release(ptr));
const alive = new Map<number, WeakRef<AnyLayer>>();
export type Kind = new (at: At, ptr: number) => AnyLayer;
const kinds = new Map<LayerKind, Kind>(),
  library = new Map<Kind, string>();

/** @internal Sets the class of a kind of layers; layers of other kinds are of that for 'layer'. */
export function setKind(name: LayerKind, kind: Kind, className?: string): void {
  kinds.set(name, kind);
  if (className) library.set(kind, className);
}

/** @internal The library's class, by its name, that a layer's class is or extends; null for one that extends
 * tf.layers.Layer itself. */
export function libraryClass(layer: AnyLayer): string | null {
  for (let at: unknown = layer.constructor; typeof at === 'function'; at = Object.getPrototypeOf(at)) {
    const className = library.get(at as Kind);
    if (className) return className;
  }
  return null;
}

/** @internal Whether a value is an object of a layer. */
export const isLayer = (value: unknown): value is AnyLayer => value instanceof kinds.get('layer')!;

/** @internal All objects of layers that there are. */
export const layersAlive = (): AnyLayer[] => [...alive.values()].flatMap((ref) => ref.deref() ?? []);

/** @internal The object of a layer that the core calls; undefined where it is gone. */
export const layerAt = (ptr: number): AnyLayer | undefined => alive.get(ptr)?.deref();

/** @internal The object of a layer. `owned`: the caller's handle becomes the object's; else the object gets one. */
export function wrap(ptr: number, owned: boolean): AnyLayer {
  const existing = layerAt(ptr);
  if (existing) {
    if (owned) core.x.tn_layer_release(ptr);
    return existing;
  }
  if (!owned) core.x.tn_layer_retain(ptr);
  const layer = new (classOf(core.text(core.x.tn_layer_class_name(ptr)), ptr))(AT, ptr);
  remember(layer, ptr);
  return layer;
}

/** Properties of all layers that some have in their configs. */
const FIELDS = new Set([
  'units',
  'returnSequences',
  'returnState',
  'goBackwards',
  'unroll',
  'stateful',
  'activityRegularizer',
]);

/** @internal Changes a field of a layer's config; throws where it is too late for that. */
export function setField(layer: AnyLayer, field: string, value: unknown): void {
  const given = plainPart(value);
  for (const one of layer._alike.filter((l) => l === layer || field in l.getConfig()))
    call(one.name, () => {
      const [name, json] = strings(field, stringify(given, one.name));
      core.x.tn_layer_set_field(one.ptr, name, json);
    });
}

const classes = new Map<string, Kind>(),
  withFields = new Set<Kind>();
/** The config of a layer, whose fields are properties of its own. */
const isLayerConfig = (value: unknown): boolean =>
  [value].flat().some((v) => isObject(v) && 'className' in v && (v as any).config?.name !== undefined);
/** The weight that a field such as kernelInitializer belongs to. */
const weightField = (field: string): string | null => {
  const name = /^(.+)Initializer$/.exec(field)?.[1];
  return name ? (['recurrent', 'depthwise', 'pointwise'].includes(name) ? `${name}Kernel` : name) : null;
};
const fieldOf = (weightName: string): string => camelCase(weightName.slice(weightName.lastIndexOf('/') + 1));
/** Fields of wrappers that are the layers inside them. */
const INSIDE: { [className: string]: string[] } = {
  TimeDistributed: ['layer'],
  Bidirectional: ['forwardLayer', 'backwardLayer'],
};

let maker: (className: string, config: object) => AnyLayer;
/** @internal Sets the function that makes layers from their configs. */
export function setMaker(f: typeof maker): void {
  maker = f;
}

/** @internal The class that stands for the library's layers of a name; the first of them gives it what they can do. */
export function classNamed(className: string): Kind {
  let made = classes.get(className);
  if (!made) {
    const base = kinds.get('layer')!;
    made = {
      [className]: class extends base {
        static className = className;
        static fromConfig(cls: unknown, config: object): any {
          if (typeof cls !== 'function' || cls === made) return maker(className, config);
          want(`${className}.fromConfig`, { cls }, 'class');
          return new (cls as any)(config);
        }
      },
    }[className] as Kind;
    classes.set(className, made);
    library.set(made, className);
  }
  return made;
}

/** @internal The same for a layer that is there: its config's fields are properties. */
export function classOf(className: string, ptr: number): Kind {
  const kind = LAYER_KINDS[core.x.tn_layer_kind(ptr)],
    base = kinds.get(kind) ?? kinds.get('layer')!;
  if (kind === 'sequential' || kind === 'functional') return base;
  const made = classNamed(className);
  if (withFields.has(made)) return made;
  withFields.add(made);
  Object.setPrototypeOf(made, base);
  Object.setPrototypeOf(made.prototype, base.prototype);
  const config = answer<Record<string, unknown>>('getConfig', () => core.x.tn_layer_config(ptr, 0, 0));
  for (const [field, value] of Object.entries(config)) {
    const weight = weightField(field);
    if (weight && !(weight in config) && !(weight in base.prototype))
      Object.defineProperty(made.prototype, weight, {
        get(this: AnyLayer) {
          return this.weights.find(({ originalName }) => fieldOf(originalName) === weight) ?? null;
        },
        set(this: AnyLayer) {
          throw new TensorineError(
            'value',
            `${this.name}: ${weight} is a weight: give it a value by ${weight}.write(value) or setWeights()`,
          );
        },
      });
    if ((field in base.prototype && !FIELDS.has(field)) || field === 'name' || isLayerConfig(value)) continue;
    Object.defineProperty(made.prototype, field, {
      get(this: AnyLayer) {
        return partOf(field, this.getConfig()[field]);
      },
      set(this: AnyLayer, given: unknown) {
        setField(this, field, given);
      },
    });
  }
  INSIDE[className]?.forEach((field, i) =>
    Object.defineProperty(made.prototype, field, {
      get(this: AnyLayer) {
        return this._inside[i];
      },
    }),
  );
  return made;
}

/** @internal Makes this the object of a layer, which owns the handle from now on. */
export function remember(layer: AnyLayer, ptr: number): void {
  alive.set(ptr, new WeakRef(layer));
  released.register(layer, ptr);
}
