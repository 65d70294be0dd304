// Sequential: a model that is a stack of layers.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { AT, type At } from '../core/at';
import { call, options } from '../core/calls';
import { strings } from '../core/strings';
import { want } from '../core/want';
import { keptBy, Layer } from '../nn/layer';
import { setKind, type Kind } from '../nn/layer_registry';
import { makeLayer } from '../nn/make';
import { noticeOverrides, overridable, ownModel } from '../nn/overrides';
import type { Shape } from '../nn/symbol';
import { LayersModel } from './model';

export interface SequentialArgs {
  layers?: Layer[];
  name?: string;
}

/** A new empty stack in the core. */
function stacked(args: SequentialArgs | null): number {
  const { name, layers } = options('sequential', args, 'layers name');
  want('sequential', { name }, 'string?');
  want('sequential', { layers }, 'array?');
  return call('sequential', () => core.x.tn_sequential(strings(name ?? '')[0]));
}

/**
 * A stack of layers.
 * @example tf.sequential({ layers: [tf.layers.reLU({ inputShape: [2] })] }).predict([[-1, 2]]) // [[0, 2]]
 */
export class Sequential extends LayersModel {
  static className = 'Sequential';

  constructor(args: SequentialArgs | At = {}, ptr = 0) {
    super(AT, args === AT ? ptr : stacked(args));
    if (args === AT) return;
    ownModel(this);
    for (const layer of args?.layers ?? []) this.add(layer);
  }

  /** A stack from the config that getConfig() returned. */
  static override fromConfig(cls: any, config: any): any {
    want('Sequential.fromConfig', { cls }, 'class');
    if (!Array.isArray(config)) want('Sequential.fromConfig', { config }, 'object');
    const layers = (Array.isArray(config) ? config : config.layers) as { [name: string]: any }[];
    want('Sequential.fromConfig', { layers }, 'array');
    return new cls({
      name: config.name,
      layers: layers.map((l) => makeLayer(l?.className ?? l?.class_name, l?.config)),
    });
  }

  /** Puts a layer on top; the first must have an inputShape. */
  add(layer: Layer): void {
    if (!(layer instanceof Layer)) throw new TensorineError('value', `${this.name}: add() takes a layer`);
    const mismatch = core.text(call(this.name, () => core.x.tn_sequential_mismatch(this.ptr, layer.ptr)));
    call(this.name, () => core.x.tn_sequential_add(this.ptr, layer.ptr));
    if (mismatch) console.warn(mismatch);
    noticeOverrides(keptBy(this, layer));
  }

  /** A stack is built with its layers; inputShape must fit them. */
  override build(inputShape?: Shape | Shape[]): void {
    if (inputShape) this.computeOutputShape(inputShape);
    if (!this.built)
      throw new TensorineError(
        'value',
        `${this.name}: Sequential model cannot be built: model is empty. Add some layers first.`,
      );
  }

  /** Takes the top layer off. */
  pop(): void {
    call(this.name, () => core.x.tn_sequential_pop(this.ptr));
  }
}

overridable(Sequential.prototype);
setKind('sequential', Sequential as Kind);

/**
 * A stack of layers, each taking what the one before gives.
 * @example tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'ones' })] }).predict([[1, 2]]) // [[3]]
 */
export function sequential(config: SequentialArgs = {}): Sequential {
  return new Sequential(config);
}
