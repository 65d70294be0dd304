// Initializers, regularizers, constraints: what they do is the core's.
import { PartKind as PartKinds } from '../generated/border';
import * as core from '../core/core';
import { tidy } from '../core/engine';
import { TensorineError } from '../core/errors';
import { ints, tensor } from '../core/lower';
import { warnUnknown } from '../core/warn';
import { Tensor, tensorAt, type DataType, type Rank, type Scalar, type TensorLike } from '../core/tensor';
import { answer, call, stringify, texts } from './lowering';
import { isOwnPart, ownJSON, ownPart } from './own_parts';

/** A part as layers are configured with it. */
export interface PartJSON {
  className: string;
  config: Record<string, unknown>;
}

export type PartKind = keyof typeof PartKinds;

type PartBase = new (className: string, config: object) => Part;
const classes = new Map<PartBase, Map<string, PartBase>>();

/** @internal The class of parts of a name, with className and fromConfig as in TensorFlow.js; it is made with a config alone. */
export function partClass(base: PartBase, className: string): PartBase {
  const known = classes.get(base) ?? new Map<string, PartBase>();
  classes.set(base, known);
  let made = known.get(className);
  if (!made) {
    made = {
      [className]: class extends base {
        static className = className;
        static fromConfig(_cls: unknown, config: object): Part {
          return new base(className, config);
        }
        constructor(config: object) {
          super(className, config);
        }
      },
    }[className] as unknown as PartBase;
    known.set(className, made);
  }
  return made;
}

abstract class Part {
  /** @internal In full, {className, config}. */
  readonly json: PartJSON;

  /** @internal */
  constructor(kind: PartKind, className: string, config: object) {
    if (typeof config !== 'object')
      throw new TensorineError(
        'value',
        `${kind} ${className}: Expected a ${className}Config, the argument is expected to be an object, but received: ${String(config)}`,
      );
    warnUnknown(className, config, kind, className);
    this.json = answer(kind, () =>
      core.x.tn_part_config(texts(stringify({ className, config: config ?? {} }, kind))[0], PartKinds[kind]),
    );
    if ([Initializer, Regularizer, Constraint].includes(new.target as never))
      Object.setPrototypeOf(this, partClass(new.target as unknown as PartBase, this.json.className).prototype);
  }

  getClassName(): string {
    return this.json.className;
  }
  getConfig(): Record<string, unknown> {
    return { ...this.json.config };
  }

  /** @internal */
  protected _text(): number {
    return texts(stringify(this.json, 'tf'))[0];
  }
}

/** Makes the first values of a weight. */
export class Initializer extends Part {
  /** @internal */
  constructor(className: string, config: object) {
    super('initializer', className, config);
  }

  /** Values of a shape; of another dtype if one is named. */
  apply(shape: number[], dtype: DataType = 'float32'): Tensor {
    return tidy(() => {
      const made = tensorAt(
        call('initializer', () => {
          const sizes = ints(shape, 'shape');
          return core.x.tn_initializer(this._text(), sizes);
        }),
      );
      return dtype === made.dtype ? made : made.cast(dtype);
    });
  }
}

/** Makes a penalty of a weight. */
export class Regularizer extends Part {
  /** @internal */
  constructor(className: string, config: object) {
    super('regularizer', className, config);
  }

  /** The penalty. */
  apply(x: TensorLike): Scalar {
    return tensorAt<Rank.R0>(
      call('regularizer', () => {
        const weight = tensor(x, 'x');
        return core.x.tn_regularizer(this._text(), weight);
      }),
    );
  }
}

/** Changes a weight after each step. */
export class Constraint extends Part {
  /** @internal */
  constructor(className: string, config: object) {
    super('constraint', className, config);
  }

  /** The weight as it may be. */
  apply(x: TensorLike): Tensor {
    return tensorAt(
      call('constraint', () => {
        const weight = tensor(x, 'x');
        return core.x.tn_constraint(this._text(), weight);
      }),
    );
  }
}

/**
 * What a layer does last: layer.activation.
 * @example tf.layers.dense({ units: 1, activation: 'relu' }).activation.getClassName() // "relu"
 */
export class Activation {
  /** @internal */
  constructor(private readonly className: string) {}

  getClassName(): string {
    return this.className;
  }
  getConfig(): Record<string, unknown> {
    return {};
  }
  toString(): string {
    return this.className;
  }

  /** The activation of x. */
  apply(x: TensorLike): Tensor {
    return tensorAt(
      call(this.className, () => {
        const value = tensor(x, 'x');
        return core.x.tn_activation(texts(this.className)[0], value);
      }),
    );
  }
}

/** @internal */
export const isPart = (value: unknown): boolean =>
  value instanceof Initializer ||
  value instanceof Regularizer ||
  value instanceof Constraint ||
  value instanceof Activation ||
  isOwnPart(value);

/** @internal A part as JSON can say it; other values as they are. */
export const plainPart = (value: unknown): unknown =>
  value instanceof Activation
    ? value.getClassName()
    : isOwnPart(value)
      ? ownJSON(value)
      : isPart(value)
        ? (value as Initializer).json
        : value;

/** @internal The object for a field of a config, where it is a part. */
export function partOf(field: string, value: unknown): unknown {
  const kind = /([aA]ctivation|Initializer|Regularizer|Constraint)$/.exec(field)?.[1],
    { className, config } = (value ?? {}) as PartJSON;
  if (!kind || !value) return value;
  const own = typeof value === 'string' ? ownPart(value) : ownPart(className, config);
  if (own) return own;
  if (kind === 'Initializer') return new Initializer(className, config);
  if (kind === 'Regularizer') return new Regularizer(className, config);
  return kind === 'Constraint' ? new Constraint(className, config) : new Activation(value as string);
}
