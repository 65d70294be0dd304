// Programs that run on both libraries: what comes out must be the same, or both must throw.
import assert from 'node:assert/strict';
import * as peer from '@tensorflow/tfjs';
import * as tf from '../../dist/tensorine.mjs';

await peer.setBackend('cpu');

/** What a program gave, as JSON would have it: numbers to four digits, tensors with shape and dtype. */
function plain(value) {
  if (typeof value === 'number') return Number.isFinite(value) ? Number(value.toPrecision(4)) : String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (ArrayBuffer.isView(value)) return [...value].map(plain);
  if (value?.dataSync && value.shape) return { values: plain([...value.dataSync()]), shape: value.shape, dtype: value.dtype };
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).sort().map(([name, v]) => [name, plain(v)]));
  return value === undefined ? 'undefined' : value;
}

/** Runs a program on both: equal results. `throws`: both throw, with a message like that. */
export async function both(f, throws) {
  if (throws) {
    for (const lib of [tf, peer]) await assert.rejects(async () => f(lib), throws);
    return;
  }
  const [ours, theirs] = [plain(await f(tf)), plain(await f(peer))];
  assert.deepEqual(ours, theirs);
}

/** Numbers that look random and are the same in both libraries. */
export const waves = (lib, ...shape) =>
  lib.tensor(Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i + 1)), shape);

/** The artifacts of a model. */
export async function saved(lib, model, config) {
  let artifacts;
  await model.save(lib.io.withSaveHandler(async (a) => { artifacts = a; return { modelArtifactsInfo: {} }; }), config);
  return artifacts;
}

/** The model that is loaded of them. */
export const again = async (lib, model) => lib.loadLayersModel(lib.io.fromMemory(await saved(lib, model)));
