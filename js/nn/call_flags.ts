// Flags that Keras takes with a call of an attention layer, and that are fields of its config here.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { call } from '../core/calls';
import { strings } from '../core/strings';
import type { AnyLayer } from './any_layer';
import { setField } from './layer_registry';
import type { CallArgs } from './symbol';

const FLAGS = ['useCausalMask', 'returnAttentionScores', 'reverse'];

function flagsOf(layer: AnyLayer, kwargs?: CallArgs): [string, boolean][] {
  if (!kwargs || layer._isOwn) return [];
  const names = FLAGS.filter((name) => name in layer && (kwargs[name] ?? null) !== null);
  return names.map((name) => [name, Boolean(kwargs[name])]);
}

const setFlag = (layer: AnyLayer, name: string, on: boolean): boolean =>
  call(layer.name, () => core.x.tn_layer_set_flag(layer.ptr, strings(name)[0], Number(on))) > 0;

/** @internal What f gives while the layer has the flags of a call. */
export function withFlags<T>(layer: AnyLayer, kwargs: CallArgs | undefined, f: () => T): T {
  const flags = flagsOf(layer, kwargs),
    before = flags.map(([name, on]) => setFlag(layer, name, on));
  try {
    return f();
  } finally {
    flags.forEach(([name], i) => setFlag(layer, name, before[i]));
  }
}

/** @internal In a model a layer has one flag for all its calls. */
export function connectFlags(layer: AnyLayer, kwargs: CallArgs): void {
  for (const [name, on] of flagsOf(layer, kwargs)) {
    if (layer.getConfig()[name] === on) continue;
    if (layer.inboundNodes.length)
      throw new TensorineError(
        'value',
        `${layer.name}: ${name} must be the same in all its symbolic ` + 'calls: make another layer for this one',
      );
    setField(layer, name, on);
  }
}
