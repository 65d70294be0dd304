// Layers and tensors: results, masks, and what a layer learns by itself.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { call, dataList, maskList, tensors } from '../core/calls';
import { isObject } from '../core/kinds';
import { Tensor, tensorAt, type TensorLike } from '../core/tensor';
import type { AnyLayer } from './any_layer';
import type { CallArgs } from './symbol';

/** What a layer gives for tensors, as if it had none of the methods `beneath`, a bit for each. */
export function compute(layer: AnyLayer, list: TensorLike[], kwargs: CallArgs | undefined, beneath: number): Tensor[] {
  const training = Number(Boolean(kwargs?.training)),
    masks = [kwargs?.mask ?? []].flat() as (Tensor | null)[];
  const results = tensors(layer.name, () => {
    const xs = dataList(list, 'inputs');
    const none = layer._isOwn || !masks.length,
      maskAddresses = none
        ? 0
        : maskList(
            layer.name,
            list.map((_, i) => masks[i]),
          );
    return core.x.tn_layer_apply_beneath(layer.ptr, xs, maskAddresses, training, beneath);
  });
  const mask = layer._isOwn ? 0 : core.x.tn_layer_last_mask();
  if (mask)
    (results[0] as { kerasMask?: Tensor }).kerasMask =
      masks.find((m) => m instanceof Tensor && m.handle() === mask) ?? tensorAt(mask);
  return results;
}

type Masks = Tensor | (Tensor | null)[] | null;

/** The mask of a layer's results; that of a class of your own hands on what it supports. */
export function computeMask(layer: AnyLayer, inputs: Tensor | Tensor[], mask: Masks | undefined): Masks {
  const masks = mask === undefined || mask === null ? [] : [mask].flat();
  if (layer._isOwn) {
    if (layer.supportsMasking || masks.every((m) => !m)) return mask ?? null;
    throw new TensorineError('value', `Layer ${layer.name} does not support masking, but was passed an inputMask.`);
  }
  const list = [inputs].flat(),
    all = masks.length ? masks : list.map(() => null);
  if (list.length > 1 || Array.isArray(mask)) {
    if (!Array.isArray(inputs) && masks.length > 1)
      throw new TensorineError('value', `${layer.name}: \`inputs\` should be an Array`);
    if (mask && !Array.isArray(mask)) throw new TensorineError('value', `${layer.name}: \`mask\` should be an Array`);
  }
  const ptr = call(layer.name, () => {
    const xs = dataList(list, 'inputs');
    return core.x.tn_layer_mask(layer.ptr, xs, maskList(layer.name, all));
  });
  return ptr ? tensorAt(ptr) : null;
}

/** A layer's adapt(): at once from an array, with a promise from a dataset. */
export function adapt(layer: AnyLayer, data: TensorLike | { toArray(): Promise<unknown[]> }): void | Promise<void> {
  const learn = (batches: TensorLike[]): void => {
    call(layer.name, () => core.x.tn_layer_adapt(layer.ptr, dataList(batches, 'data')));
  };
  if (!isObject(data) || !('toArray' in data)) return learn([data as TensorLike]);
  return data.toArray().then((batches) => {
    learn(batches as TensorLike[]);
    for (const batch of batches) if (batch instanceof Tensor) batch.dispose();
  });
}
