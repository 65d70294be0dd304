// Initializers, regularizers, constraints: what they do is the core's.
import { PartKind as PartKinds } from '../generated/wasm/border';
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { ints } from '../core/arguments';
import { answer, call, stringify } from '../core/calls';
import { tensor } from '../core/lower';
import { tidy } from '../core/scopes';
import { strings } from '../core/strings';
import { Tensor, tensorAt, type DataType, type Rank, type Scalar, type TensorLike } from '../core/tensor';
import { want } from '../core/want';
import { warnUnknown } from '../core/warn';
import { isOwnPart, isRegisteredPart, ownJSON, ownPart } from './own_parts';
import { classNameOf } from './registered';

/** A part as layers are configured with it. */
export interface PartJSON {
  className: string;
  config: Record<string, unknown>;
}

export type PartKind = keyof typeof PartKinds;

type PartBase = new (className: string, config: object) => Part;
type AnyBase = PartBase | typeof Activation;
const classes = new Map<AnyBase, Map<string, AnyBase>>();

/** @internal The class of parts of a name, with className and fromConfig as in TensorFlow.js, made with a config. */
export function partClass<Base extends AnyBase>(base: Base, className: string): Base {
  const known = classes.get(base) ?? new Map<string, AnyBase>();
  classes.set(base, known);
  let made = known.get(className);
  if (!made) {
    made = {
      [className]: class extends (base as PartBase) {
        static className = className;
        static fromConfig<T>(cls: new (config: object) => T, config: object): T {
          want('fromConfig', { cls }, 'class');
          return new cls(config);
        }
        constructor(config: object = {}) {
          super(className, config);
        }
      },
    }[className] as unknown as PartBase;
    known.set(className, made);
  }
  return made as Base;
}

/** An object that the library made is of the class of its name, as in TensorFlow.js. */
function settle(part: object, className: string): void {
  const base = bases().find((one) => one === part.constructor);
  if (base) Object.setPrototypeOf(part, partClass(base, className).prototype);
}

/** Whether a class is the library's: a program's has a className of its own, or none. */
const isLibraryClass = (cls: unknown): boolean =>
  [...classes.values()].some((byName) => byName.get((cls as { className: string }).className) === cls);

/** A class's own className, or what the library calls it. */
const nameOf = (part: object, known: string | null): string =>
  known === null || (Object.hasOwn(part.constructor, 'className') && !isLibraryClass(part.constructor))
    ? classNameOf(part)
    : known;

const noApply = (part: object): TensorineError =>
  new TensorineError('value', `${classNameOf(part)}: the class has no apply(): say there what it does`);

abstract class Part {
  /** @internal In full, {className, config}; null: a program's class says what it does. */
  readonly json: PartJSON | null = null;

  /** @internal */
  constructor(kind: PartKind, className: unknown, config: object) {
    if (typeof className !== 'string') return; // what a program's class gave its base
    if (typeof config !== 'object')
      throw new TensorineError(
        'value',
        `${kind} ${className}: Expected a ${className}Config, the argument is expected to be an object, but received: ${String(config)}`,
      );
    warnUnknown(className, config, kind, className);
    this.json = answer(kind, () =>
      core.x.tn_part_config(strings(stringify({ className, config: config ?? {} }, kind))[0], PartKinds[kind]),
    );
    settle(this, this.json!.className);
  }

  getClassName(): string {
    return nameOf(this, this.json && this.json.className);
  }
  getConfig(): Record<string, unknown> {
    return { ...this.json?.config };
  }

  /** @internal */
  protected _text(): number {
    if (!this.json) throw noApply(this);
    return strings(stringify(this.json, 'tf'))[0];
  }
}

/** Makes the first values of a weight. A class of your own, as one of the other parts, has apply() and getConfig(). */
export class Initializer extends Part {
  /** @internal */
  constructor(className?: unknown, config: object = {}) {
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
  constructor(className?: unknown, config: object = {}) {
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
  constructor(className?: unknown, config: object = {}) {
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
  /** @internal What the library calls it; null: a program's class says what it does. */
  readonly json: string | null;

  /** @internal */
  constructor(className?: unknown) {
    this.json = typeof className === 'string' ? className : null;
    if (this.json) settle(this, this.json);
  }

  getClassName(): string {
    return nameOf(this, this.json);
  }
  getConfig(): Record<string, unknown> {
    return {};
  }
  toString(): string {
    return this.getClassName();
  }

  /** The activation of x. */
  apply(x: TensorLike): Tensor {
    const { json: name } = this;
    if (name === null) throw noApply(this);
    return tensorAt(
      call(name, () => {
        const value = tensor(x, 'x');
        return core.x.tn_activation(strings(name)[0], value);
      }),
    );
  }
}

const bases = () => [Initializer, Regularizer, Constraint, Activation];

/** A part as the core has it; null where a program says what it does. */
function knownJSON(value: unknown): PartJSON | string | null {
  for (const base of bases())
    if (value instanceof base && value.apply === base.prototype.apply && !isRegisteredPart(value)) return value.json;
  return null;
}

/** @internal A part as JSON can hold it; other values as they are. */
export const plainPart = (value: unknown): unknown => knownJSON(value) ?? (isOwnPart(value) ? ownJSON(value) : value);

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
