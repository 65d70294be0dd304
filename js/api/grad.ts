// Gradients: the core has the tape; here functions are called under it, and gradients returned.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { begin, entry, handles } from '../core/arguments';
import { fromArray } from '../core/from_array';
import { list } from '../core/lower';
import { returned } from '../core/returned';
import { tidy } from '../core/scopes';
import { Tensor, tensorAt, type NamedTensorMap, type Scalar, type TensorLike } from '../core/tensor';
import { allVariables, Variable } from '../core/variable';
import { want } from '../core/want';

function asTensor(x: TensorLike): Tensor {
  begin('grad');
  return x instanceof Tensor ? x : fromArray(x, undefined, undefined, 'x');
}

/** Runs f under a tape; returns its value and the gradient with respect to each of xs, null where
 * the value does not depend on it. @internal */
export function gradients<O extends Tensor>(
  f: () => O,
  xs: Tensor[],
  dy: Tensor | null,
): { value: O; grads: (Tensor | null)[] } {
  core.settle();
  core.x.tn_tape_begin();
  core.check();
  core.countTapes(1);
  try {
    const value = f();
    if (!(value instanceof Tensor))
      throw new TensorineError('gradient', 'The result y returned by f() must be a tensor.');
    begin('grad');
    const found = core.x.tn_gradients(value.handle('grad'), list(xs, 'xs', true), dy ? dy.handle('grad') : 0);
    core.check();
    return { value, grads: handles(found).map((h) => (h ? tensorAt(h) : null)) };
  } finally {
    core.countTapes(-1);
    core.x.tn_tape_end();
  }
}

function all(grads: (Tensor | null)[]): Tensor[] {
  if (grads.some((g) => g === null))
    throw new TensorineError(
      'gradient',
      'Cannot compute gradient of y=f(x) with respect to x. Make sure that ' +
        'the f you passed encloses all operations that lead from x to y.',
    );
  return grads as Tensor[];
}

function mustBeFunction(f: unknown, who: string): void {
  if (typeof f !== 'function') throw new TensorineError('value', `The f passed in ${who} must be a function`);
}

function args(xs: unknown, who: string): Tensor[] {
  if (!Array.isArray(xs))
    throw new TensorineError('value', `The args passed in ${who}(args) must be an array of Tensors or TensorLikes`);
  return (xs as TensorLike[]).map(asTensor);
}

/**
 * g(x, dy): the gradient of f at x; dy, if given, is the gradient of the result.
 * @example tf.grad((x) => x.square())([3]) // [6]
 */
export function grad(f: (x: any) => Tensor): (x: TensorLike, dy?: TensorLike) => Tensor {
  mustBeFunction(f, 'grad(f)');
  return (x, dy) =>
    tidy(() => {
      const at = asTensor(x);
      return all(gradients(() => f(at), [at], dy === undefined ? null : asTensor(dy)).grads)[0];
    });
}

/**
 * g(xs, dy): the gradients of f with respect to each of its arguments.
 * @example tf.grads((a, b) => a.mul(b))([[2], [3]]) // [[3], [2]]
 */
export function grads(f: (...xs: any[]) => Tensor): (xs: TensorLike[], dy?: TensorLike) => Tensor[] {
  mustBeFunction(f, 'grads(f)');
  return (xs, dy) =>
    tidy(() => {
      const at = args(xs, 'grads(f)');
      return all(gradients(() => f(...at), at, dy === undefined ? null : asTensor(dy)).grads);
    });
}

/**
 * Like grad, and the value of f too.
 * @example tf.valueAndGrad((x) => x.square())([3]) // {value: [9], grad: [6]}
 */
export function valueAndGrad<I extends Tensor = Tensor, O extends Tensor = Tensor>(
  f: (x: I) => O,
): (x: I | TensorLike, dy?: O | TensorLike) => { value: O; grad: I } {
  mustBeFunction(f, 'valueAndGrad(f)');
  return (x, dy) =>
    tidy(() => {
      const at = asTensor(x) as I;
      const { value, grads } = gradients(() => f(at), [at], dy === undefined ? null : asTensor(dy));
      return { value, grad: all(grads)[0] as I };
    });
}

/**
 * Like grads, and the value of f too.
 * @example tf.valueAndGrads((a, b) => a.mul(b))([[2], [3]]) // {value: [6], grads: [[3], [2]]}
 */
export function valueAndGrads<O extends Tensor = Tensor>(
  f: (...xs: any[]) => O,
): (xs: TensorLike[], dy?: O | TensorLike) => { value: O; grads: Tensor[] } {
  mustBeFunction(f, 'valueAndGrads(f)');
  return (xs, dy) =>
    tidy(() => {
      const at = args(xs, 'valueAndGrads(f)');
      const { value, grads } = gradients(() => f(...at), at, dy === undefined ? null : asTensor(dy));
      return { value, grads: all(grads) };
    });
}

/** Value of f (a scalar) and its gradient with respect to variables: those given, or all trainable. */
export function variableGrads(f: () => Tensor, varList?: Variable[]): { value: Scalar; grads: NamedTensorMap } {
  mustBeFunction(f, 'variableGrads(f)');
  want('variableGrads', { varList }, 'variables?');
  const chosen = (varList ?? allVariables()).filter((v) => v.trainable);
  if (!chosen.length)
    throw new TensorineError(
      'gradient',
      'variableGrads() expects at least one of the input variables to be trainable, ' +
        `but none of the ${(varList ?? allVariables()).length} variables is trainable.`,
    );
  return tidy(() => {
    const { value, grads } = gradients(f, chosen, null);
    if (value.rank > 0)
      throw new TensorineError(
        'gradient',
        `The f passed in variableGrads(f) must return a scalar, but it returned a rank-${value.rank} tensor`,
      );
    if (grads.every((g) => g === null))
      throw new TensorineError(
        'gradient',
        'Cannot find a connection between any variable and the result of the loss function y=f(x). ' +
          'Please make sure the operations that use variables are inside the function f passed to minimize().',
      );
    const named: { [name: string]: Tensor | null } = {};
    grads.forEach((g, i) => {
      if (g) named[chosen[i].name] = g;
    });
    for (const v of varList ?? []) if (!v.trainable) named[v.name] = null;
    return { value: value as Scalar, grads: named as NamedTensorMap };
  });
}

// ---- custom gradients: the core keeps a number for each closure ----

type Closure = { inputs: number; gradFunc: (dy: Tensor, saved: Tensor[]) => Tensor | Tensor[] };
const closures = new Map<number, Closure>();
let lastClosure = 0;

/** The core asks for the gradients of closure `id`: dx is an array of `count` handles. */
function callBack(id: number, dy: number, count: number, dx: number, inputs: number): void {
  const { inputs: n, gradFunc } = closures.get(id)!;
  const at = core.i32().slice(inputs >>> 2, (inputs >>> 2) + count);
  entry(undefined, () => {
    const saved = Array.from(at.subarray(n), (ptr) => tensorAt(ptr));
    const result = gradFunc(tensorAt(dy), saved),
      list = Array.isArray(result) ? result : [result];
    if (list.length !== n)
      throw new TensorineError(
        'gradient',
        `customGrad: the gradient function gave ${list.length} gradients for ${n} inputs`,
      );
    list.forEach((g, i) => {
      core.i32()[(dx >>> 2) + i] = returned(
        g,
        `customGrad: the gradient function for input ${i + 1} of ${n}`,
        'gradient',
      ).handle('customGrad');
    });
  });
}

let registered = false;
function register(): void {
  if (registered) return;
  registered = true;
  core.x.tn_on_custom(
    core.callback('viiiii', callBack),
    core.callback('vi', (id) => {
      closures.delete(id);
    }),
  );
}

/** Gives a value, and a function from the gradient of the value and what was saved to those of the inputs. */
export type CustomGradientFunc<T extends Tensor> = (...inputs: any[]) => {
  value: T;
  gradFunc: (dy: T, saved: Tensor[]) => Tensor | Tensor[];
};

/**
 * A function with a gradient of your own. f(...inputs, save) returns {value, gradFunc}; gradFunc(dy,
 * saved) gives the gradient of each input, made of ops.
 * @example tf.grad(tf.customGrad((x, save) => (save([x]), { value: x.square(), gradFunc: (dy, [y]) => dy.mul(y) })))([3]) // [3]
 */
export function customGrad<T extends Tensor>(f: CustomGradientFunc<T>): (...args: Tensor[]) => T {
  mustBeFunction(f, 'customGrad(f)');
  register();
  return (...inputs) =>
    tidy(() => {
      const saved: Tensor[] = [];
      core.x.tn_tape_pause(1);
      let made: ReturnType<typeof f>;
      try {
        made = f(...inputs, (tensors: Tensor[]) => {
          saved.push(...tensors);
        });
      } finally {
        core.x.tn_tape_pause(0);
      }
      if (!(made?.value instanceof Tensor))
        throw new TensorineError(
          'gradient',
          'The function f passed in customGrad(f) must return an object where `obj.value` is a tensor',
        );
      if (typeof made.gradFunc !== 'function')
        throw new TensorineError(
          'gradient',
          'The function f passed in customGrad(f) must return an object where `obj.gradFunc` is a function.',
        );
      const id = ++lastClosure;
      closures.set(id, { inputs: inputs.length, gradFunc: made.gradFunc as Closure['gradFunc'] });
      begin('customGrad');
      const y = core.x.tn_custom(list([...inputs, ...saved], 'inputs'), made.value.handle('customGrad'), id);
      core.check();
      return tensorAt(y) as T;
    });
}
