// Running a graph with ops of the program's own: the core goes on until a node is ours to compute.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { call, tensors } from '../core/calls';
import { isPromise } from '../core/kinds';
import { list } from '../core/lower';
import { Tensor, type TensorLike } from '../core/tensor';
import { compute, type NodeJSON } from './custom';

const nodes = new Map<string, NodeJSON>();

function node(json: string): NodeJSON {
  let parsed = nodes.get(json);
  if (!parsed) nodes.set(json, (parsed = JSON.parse(json) as NodeJSON));
  return parsed;
}

/** Yields what custom ops return, to be given back as tensors. */
function* steps(plan: number, inputs: TensorLike[], keep: boolean): Generator<[unknown, NodeJSON], Tensor[], unknown> {
  let run = call('execute', () => core.x.tn_graph_begin(plan, list(inputs, 'inputs', true), Number(keep)));
  try {
    for (;;) {
      const json = call('execute', () => core.x.tn_graph_continue(run));
      if (!json) break;
      const at = node(core.text(json)),
        scope = core.x.tn_scope_open();
      try {
        const args = tensors('execute', () => core.x.tn_graph_arguments(run));
        const result = [yield [compute(at, args), at]].flat() as Tensor[];
        if (!result.every((t) => t instanceof Tensor))
          throw new TensorineError('value', `execute: op ${at.op} of node '${at.name}' must return tensors`);
        call('execute', () => core.x.tn_graph_supply(run, list(result, 'results', true)));
      } finally {
        core.x.tn_scope_end(scope);
      }
    }
    return tensors('execute', () => {
      const done = run;
      run = 0;
      return core.x.tn_graph_end(done);
    });
  } finally {
    if (run) core.x.tn_graph_end(run);
  }
}

export function runSync(plan: number, inputs: TensorLike[], keep: boolean): Tensor[] {
  const going = steps(plan, inputs, keep);
  let step = going.next();
  while (!step.done) {
    const [value, at] = step.value;
    if (isPromise(value)) value.catch(() => {}); // its inputs are disposed by then
    step = isPromise(value)
      ? going.throw(
          new TensorineError(
            'value',
            `The execution of the op '${at.op}' returned a promise. Please use model.executeAsync() instead.`,
          ),
        )
      : going.next(value);
  }
  return step.value;
}

export async function runAsync(plan: number, inputs: TensorLike[], keep: boolean): Promise<Tensor[]> {
  const going = steps(plan, inputs, keep);
  let step = going.next();
  while (!step.done) {
    let value: unknown;
    try {
      value = await step.value[0];
    } catch (error) {
      step = going.throw(error);
      continue;
    }
    step = going.next(value);
  }
  return step.value;
}
