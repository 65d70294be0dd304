// Configs of layers: that of a class of your own on its way into the core, and the one that the core has.
import * as core from '../wasm/core';
import { answer, call, stringify, tensorList } from '../core/calls';
import { strings } from '../core/strings';
import type { DataType, TensorLike } from '../core/tensor';
import type { AnyLayer } from './any_layer';
import { listen } from './custom';
import { remember } from './layer_registry';
import { classNameOf } from './registered';
import type { Shape } from './symbol';

/** What the library knows of a layer of your own. */
export interface LayerConfig {
  name?: string | null;
  trainable?: boolean;
  inputShape?: Shape | null;
  batchInputShape?: Shape | null;
  batchSize?: number | null;
  dtype?: DataType;
  weights?: TensorLike[];
  /** The same as dtype. */
  inputDType?: DataType;
}
const BASE = ['name', 'trainable', 'inputShape', 'batchInputShape', 'batchSize', 'dtype'] as const;

/** Makes a layer of your own class in the core. */
export function newLayer(layer: AnyLayer, config: LayerConfig): number {
  listen();
  const className = classNameOf(layer),
    known = Object.fromEntries(BASE.filter((f) => config[f] !== undefined).map((f) => [f, config[f]]));
  const ptr = call(className, () => {
    const [name, json] = strings(className, stringify(known, className));
    return core.x.tn_layer_custom(name, json, 0);
  });
  remember(layer, ptr);
  if (config.weights) call(className, () => core.x.tn_layer_set_initial(ptr, tensorList(config.weights!, 'weights')));
  return ptr;
}

/** The config that the core has of a layer. */
export function configOf(layer: AnyLayer): Record<string, any> {
  return answer('getConfig', () => core.x.tn_layer_config(layer.ptr, 0, 0));
}

/** Sets a field of a layer's config about its input, as long as it is not connected. */
export function setInput(layer: AnyLayer, name: string, value: unknown): void {
  call(layer.name, () => {
    const [field, json] = strings(name, stringify(value, layer.name));
    core.x.tn_layer_set_input(layer.ptr, field, json);
  });
}
