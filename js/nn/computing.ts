// Layers applied to tensors: results, and the mask of the first one.
import * as core from '../wasm/core';
import { Tensor, tensorAt, type TensorLike } from '../core/tensor';
import type { AnyLayer } from './any_layer';
import type { CallArgs } from './symbol';
import { dataList, maskList, tensors } from '../core/calls';

/** What a layer gives for tensors, as if it had none of the methods `beneath`, a bit for each. */
export function compute(layer: AnyLayer, list: TensorLike[], kwargs: CallArgs | undefined, beneath: number): Tensor[] {
  const training = Number(Boolean(kwargs?.training)),
    masks = [kwargs?.mask ?? []].flat() as (Tensor | null)[];
  const results = tensors(layer.name, () => {
    const xs = dataList(list, 'inputs');
    const none = layer._isOwn || !masks.length,
      given = none
        ? 0
        : maskList(
            layer.name,
            list.map((_, i) => masks[i]),
          );
    return core.x.tn_layer_apply_beneath(layer.ptr, xs, given, training, beneath);
  });
  const mask = layer._isOwn ? 0 : core.x.tn_layer_last_mask();
  if (mask)
    (results[0] as { kerasMask?: Tensor }).kerasMask =
      masks.find((m) => m instanceof Tensor && m.handle() === mask) ?? tensorAt(mask);
  return results;
}
