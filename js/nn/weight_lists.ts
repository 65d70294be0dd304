// Weights that a layer of your own takes from others: those of layers that it calls, or variables.
import { WhichWeights } from '../generated/wasm/border';
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { call, stringify, tensorList } from '../core/calls';
import { strings } from '../core/strings';
import { copied, want } from '../core/want';
import type { AnyLayer } from './any_layer';
import { weightsOf } from './layer_weights';
import { LayerWeight } from './weight';

const has = (list: LayerWeight[], weight: LayerWeight): boolean => list.some((w) => w.id === weight.id);

/** The lists of a layer's trainable and other weights, which programs may change. */
export class WeightLists {
  private readonly lists: { [trainable: string]: LayerWeight[] } = {};

  constructor(private readonly layer: AnyLayer) {}

  private now(trainable: boolean): LayerWeight[] {
    return weightsOf(this.layer, trainable ? WhichWeights.ownTrainable : WhichWeights.ownFixed);
  }

  /** A list that settle() compares later, so that weights may be added to it. */
  get(trainable: boolean): LayerWeight[] {
    const list = this.now(trainable);
    this.lists[String(trainable)] = list;
    return list;
  }

  set(trainable: boolean, weights: LayerWeight[]): void {
    const { layer } = this,
      list = copied(weights);
    want(layer.name, { weights: list }, 'variables');
    const names = stringify(
      list.map((w) => w.originalName ?? w.name),
      layer.name,
    );
    delete this.lists[String(trainable)];
    for (const weight of list) layer.kept.add(weight.owner ?? weight).add(weight);
    call(layer.name, () => {
      const lent = tensorList(list, 'weights');
      core.x.tn_layer_lend_weights(layer.ptr, lent, strings(names)[0], Number(trainable));
    });
  }

  // ---- classes that override the getters: the core asks them ----

  private asking = false;
  private asked: LayerWeight[] = [];

  /** What the layer's own getters give: while the class is asked, without the weights that it gave the last time. */
  own(weights: LayerWeight[]): LayerWeight[] {
    return this.asking ? weights.filter((w) => !has(this.asked, w)) : weights;
  }

  /** Lends the core the weights that the getters of the class give. One that only `weights` has is trained if it is
   * trainable where it comes from. */
  ask(): void {
    if (this.asking) return;
    this.asking = true;
    try {
      const { layer } = this,
        list = (value: unknown, name: string) => {
          if (Array.isArray(value) && value.every((w) => w instanceof LayerWeight)) return value as LayerWeight[];
          throw new TensorineError('value', `${layer.name}: ${name} must give a list of weights`);
        };
      const trained = list(layer.trainableWeights, 'trainableWeights'),
        fixed = list(layer.nonTrainableWeights, 'nonTrainableWeights');
      const rest = list(layer.weights, 'weights').filter((w) => !has(trained, w) && !has(fixed, w));
      const own = [true, false].map((trainable) => this.own(this.now(trainable))),
        mine = own.flat(),
        lent: LayerWeight[] = [];
      for (const [i, trainable] of [true, false].entries()) {
        const said = (trainable ? trained : fixed).concat(rest.filter((w) => w.trainable === trainable));
        const more = said.filter((w, k) => !has(mine, w) && !has(lent, w) && !has(said.slice(0, k), w)),
          all = [...own[i], ...more];
        lent.push(...more);
        const now = this.now(trainable);
        if (now.length !== all.length || now.some((w, k) => w.id !== all[k].id)) this.set(trainable, all);
      }
      this.asked = lent;
    } finally {
      this.asking = false;
    }
  }

  /** After the layer was built: what was added to the lists becomes the layer's. */
  settle(): void {
    for (const trainable of [true, false]) {
      const list = this.lists[String(trainable)],
        now = list && this.now(trainable);
      if (!list) continue;
      if (list.length !== now.length || list.some((w, i) => w.id !== now[i].id)) this.set(trainable, list);
    }
    for (const key in this.lists) delete this.lists[key];
  }
}
