// Weights that a layer of your own takes from others: those of layers that it calls, or variables.
import * as core from '../core/core';
import { texts, addresses, answer, call, stringify, tensorList } from './lowering';
import type { Layer } from './layer';
import { weightOf, type LayerWeight } from './weight';

const OWN = [4, 3];

/** The lists of a layer's trainable and other weights, which programs may change. */
export class Taken {
  private readonly lists: { [trainable: string]: LayerWeight[] } = {};

  constructor(private readonly layer: Layer) {}

  private now(trainable: boolean): LayerWeight[] {
    const { ptr, name } = this.layer, which = OWN[Number(trainable)];
    const names = answer<string[]>(name, () => core.x.tn_layer_weight_names(ptr, which));
    return addresses(name, () => core.x.tn_layer_weights(ptr, which)).map((at, i) => weightOf(at, names[i], this.layer));
  }

  /** A list that settle() looks at again: push() has its effect. */
  get(trainable: boolean): LayerWeight[] {
    const list = this.now(trainable);
    this.lists[String(trainable)] = list;
    return list;
  }

  set(trainable: boolean, weights: LayerWeight[]): void {
    const { layer } = this, names = stringify(weights.map((w) => w.originalName ?? w.name), layer.name);
    delete this.lists[String(trainable)];
    for (const weight of weights) layer.kept.add(weight.owner ?? weight).add(weight);
    call(layer.name, () => {
      const list = tensorList(weights, 'weights');
      core.x.tn_layer_lend_weights(layer.ptr, list, texts(names)[0], Number(trainable));
    });
  }

  /** After the layer was built: takes in what was added to the lists. */
  settle(): void {
    for (const trainable of [true, false]) {
      const list = this.lists[String(trainable)], now = list && this.now(trainable);
      if (!list) continue;
      if (list.length !== now.length || list.some((w, i) => w !== now[i])) this.set(trainable, list);
    }
    for (const key in this.lists) delete this.lists[key];
  }
}
