// The library's classes in tf.serialization's map.
import * as core from '../wasm/core';
import { answer } from '../core/calls';
import { classNamed } from '../nn/layer_registry';
import { Constraint, Initializer, partClass, Regularizer } from '../nn/parts';
import type { SerializableConstructor } from '../nn/registered';
import * as optimizers from '../generated/training/optimizers';
import { LossScaleOptimizer, MultiOptimizer } from '../training/multi_optimizer';
import { LayersModel } from './model';
import { Sequential } from './sequential';

const PARTS = { initializers: Initializer, regularizers: Regularizer, constraints: Constraint };

/** As Keras calls a model since 2.4. */
class Functional extends LayersModel {
  static override className = 'Functional';
}

/** @internal All of them. */
export const knownClasses = (): SerializableConstructor<any>[] => {
  const names = answer<{ layers: string[] } & Record<keyof typeof PARTS, string[]>>('serialization', () =>
    core.x.tn_class_names(),
  );
  const parts = Object.entries(PARTS).flatMap(([kind, base]) =>
    names[kind as keyof typeof PARTS].map((name) => partClass(base, name)),
  );
  const all = [
    ...names.layers.map(classNamed),
    ...parts,
    ...Object.values(optimizers),
    LossScaleOptimizer,
    MultiOptimizer,
    LayersModel,
    Functional,
    Sequential,
  ] as unknown[];
  return (all as SerializableConstructor<any>[]).filter(({ className }) => className);
};
