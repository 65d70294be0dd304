// Copies of what training changes on the GPU: a lost context takes only the steps since the last one.
import { WhichWeights } from '../generated/wasm/border';
import * as core from '../wasm/core';
import { getBackend } from '../core/backend';
import { addresses, call, pointers } from '../core/calls';
import type { AnyModel } from './any_model';

/** Brings weights and the optimizer's states to memory, until endBackUp of `run`, a fit of the core or
 * a model. Only what has changed on the GPU is read, and nothing waits for it but this promise. */
export async function backUp(model: AnyModel, run: number): Promise<void> {
  if (getBackend() !== 'webgl') return;
  const trained = [
    ...addresses('fit', () => core.x.tn_layer_weights(model.ptr, WhichWeights.all)),
    ...addresses('fit', () => core.x.tn_optimizer_states(model.optimizer.ptr)),
  ];
  call('fit', () => core.x.tn_gl_backup(run, pointers(trained)));
  await Promise.all(trained.map(core.arrived));
  call('fit', () => core.x.tn_gl_backup_end(run));
}

const SPACING = 1000; // milliseconds
const last = new WeakMap<AnyModel, number>();

/** The same between steps that a program takes itself, about once a second; until the model is disposed. */
export async function backUpAtTimes(model: AnyModel): Promise<void> {
  const now = performance.now();
  if (getBackend() !== 'webgl' || now - (last.get(model) ?? -Infinity) < SPACING) return;
  last.set(model, now);
  await backUp(model, model.ptr);
}

/** After the last step: what is lost goes back to the copies, and they are let go. */
export const endBackUp = (run: number): void => {
  core.x.tn_gl_backup_release(run);
};
