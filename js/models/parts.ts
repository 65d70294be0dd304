// Initializers, regularizers, constraints: what they do is the core's.
import * as core from '../core/core';
import { TensorineError } from '../core/errors';
import { ints, tensor } from '../core/lower';
import { Tensor, tensorAt, type DataType, type Rank, type Scalar, type TensorLike } from '../core/tensor';
import { answer, call, stringify, texts } from './lowering';

/** A part as layers are configured with it. */
export interface PartJSON { className: string; config: Record<string, unknown> }

const KINDS = { initializer: 0, regularizer: 1, constraint: 2 };
export type PartKind = keyof typeof KINDS;

abstract class Part {
  /** @internal In full, {className, config}. */
  readonly json: PartJSON;

  /** @internal */
  constructor(kind: PartKind, className: string, config: object) {
    if (typeof config !== 'object')
      throw new TensorineError('value', `${kind} ${className}: Expected a ${className}Config, the argument is expected to be an object, but received: ${config}`);
    this.json = answer(kind, () =>
      core.x.tn_part_config(texts(stringify({ className, config: config ?? {} }, kind))[0], KINDS[kind]));
  }

  getClassName(): string { return this.json.className; }
  getConfig(): Record<string, unknown> { return { ...this.json.config }; }

  /** @internal */
  protected text(): number { return texts(stringify(this.json, 'tf'))[0]; }
}

/** Makes the first values of a weight. */
export class Initializer extends Part {
  /** @internal */
  constructor(className: string, config: object) { super('initializer', className, config); }

  /** Values of a shape; of another dtype if one is named. */
  apply(shape: number[], dtype: DataType = 'float32'): Tensor {
    const made = tensorAt(call('initializer', () => {
      const sizes = ints(shape, 'shape');
      return core.x.tn_initializer(this.text(), sizes);
    }));
    if (dtype === made.dtype) return made;
    const cast = made.cast(dtype);
    made.dispose();
    return cast;
  }
}

/** Makes a penalty of a weight. */
export class Regularizer extends Part {
  /** @internal */
  constructor(className: string, config: object) { super('regularizer', className, config); }

  /** The penalty. */
  apply(x: TensorLike): Scalar {
    return tensorAt<Rank.R0>(call('regularizer', () => {
      const weight = tensor(x, 'x');
      return core.x.tn_regularizer(this.text(), weight);
    }));
  }
}

/** Changes a weight after each step. */
export class Constraint extends Part {
  /** @internal */
  constructor(className: string, config: object) { super('constraint', className, config); }

  /** The weight as it may be. */
  apply(x: TensorLike): Tensor {
    return tensorAt(call('constraint', () => {
      const weight = tensor(x, 'x');
      return core.x.tn_constraint(this.text(), weight);
    }));
  }
}
