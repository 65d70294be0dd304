// Weights between bytes and tensors. The core reads the entries and decodes; here bytes are handed
// over in pieces.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { encode } from '../wasm/utf8';
import { handles } from '../core/arguments';
import { stringify } from '../core/calls';
import { Tensor, tensorAt } from '../core/tensor';
import { want } from '../core/want';
import { checkManifest, fileError, getWeightSpecs } from './artifacts';
import { bytesOf, CompositeArrayBuffer } from './buffers';
import type {
  NamedTensor,
  NamedTensorMap,
  WeightData,
  WeightGroup,
  WeightsManifestConfig,
  WeightsManifestEntry,
} from './types';

const PIECE = 1 << 16, // bytes handed over at once
  LARGE = 1 << 13; // bytes of one entry that are written to their place instead

/** The entries' JSON in the core, for the next call. */
function putEntries(entries: WeightsManifestEntry[]): number {
  const text = encode(stringify(entries, 'weights', 'file'));
  const at = core.scratch(text.length + 1);
  core.u8().set(text, at);
  core.u8()[at + text.length] = 0;
  return at;
}

/** Bytes that entries take in a file; of strings only those of their lengths. */
export function storedBytes(entries: WeightsManifestEntry[]): number {
  const bytes = core.x.tn_weights_bytes(putEntries(entries));
  core.check();
  return bytes;
}

/** Takes bytes as they come; end() gives the tensors, or throws what went wrong. */
class Decoder {
  private readonly weights: number;

  /** bytes: how many will come, or -1. */
  constructor(
    private readonly entries: WeightsManifestEntry[],
    bytes: number,
  ) {
    this.weights = core.x.tn_weights_begin(putEntries(entries), bytes);
    core.check();
  }

  /** False if no more are wanted: all are there, or the core refused them, and end() throws. */
  feed(bytes: Uint8Array): boolean {
    for (let from = 0; from < bytes.length;) {
      const room = core.x.tn_weights_room(this.weights) >>> 0,
        piece = bytes.subarray(from, from + (room < LARGE ? PIECE : room)),
        at = room < LARGE ? core.scratch(piece.length) : core.x.tn_weights_place(this.weights) >>> 0;
      core.u8().set(piece, at);
      if (room >= LARGE) core.x.tn_weights_placed(this.weights, piece.length);
      else if (!core.x.tn_weights_feed(this.weights, at, piece.length)) return false;
      from += piece.length;
    }
    return true;
  }

  end(): NamedTensorMap {
    const list = handles(core.x.tn_weights_end(this.weights));
    core.x.tn_scratch(0);
    core.check();
    const named = new Map<string, Tensor>();
    list.forEach((handle, i) => {
      const { name } = this.entries[i];
      named.get(name)?.dispose(); // as in the peer, the last of one name counts
      named.set(name, tensorAt(handle));
    });
    return Object.fromEntries(named);
  }

  /** Drops what has arrived. */
  cancel(): void {
    core.x.tn_weights_end(this.weights);
    core.x.tn_scratch(0);
    core.x.tn_clear_error();
  }
}

/**
 * Tensors by name, from bytes in which they follow one another.
 * @example tf.io.decodeWeights(new Float32Array([1, 2]).buffer, [{ name: 'w', shape: [2], dtype: 'float32' }]) // {w: [1, 2]}
 */
export function decodeWeights(data: WeightData, specs: WeightsManifestEntry[]): NamedTensorMap {
  want('io.decodeWeights', { data }, 'buffers');
  const parts = Array.isArray(data) ? data : [data];
  const decoder = new Decoder(specs, new CompositeArrayBuffer(parts).byteLength);
  parts.every((part) => decoder.feed(bytesOf(part)));
  return decoder.end();
}

/** Tensors by name, from bytes as they arrive. */
export async function decodeWeightsStream(
  stream: ReadableStream<ArrayBuffer>,
  specs: WeightsManifestEntry[],
): Promise<NamedTensorMap> {
  want('io.decodeWeightsStream', { 'stream.getReader': stream?.getReader }, 'function');
  const reader = stream.getReader(),
    decoder = new Decoder(specs, -1);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      want('io.decodeWeightsStream', { 'a piece of the stream': value }, 'buffers');
      if (decoder.feed(bytesOf(value))) continue;
      await reader.cancel(); // nothing else is to be downloaded
      break;
    }
  } catch (error) {
    decoder.cancel();
    throw error;
  } finally {
    reader.releaseLock();
  }
  return decoder.end();
}

/** The bytes of a tensor in a file; a string is its length, four bytes with the lowest first, and its bytes. */
async function stored(tensor: Tensor): Promise<Uint8Array> {
  const bytes = await tensor.bytes();
  if (!Array.isArray(bytes)) return bytes;
  const whole = new Uint8Array(bytes.reduce((sum, text) => sum + 4 + text.length, 0));
  let at = 0;
  for (const text of bytes) {
    new DataView(whole.buffer).setUint32(at, text.length, true);
    whole.set(text, at + 4);
    at += 4 + text.length;
  }
  return whole;
}

/**
 * Bytes of tensors, one after the other, and the entries that describe them.
 * @example (await tf.io.encodeWeights({ w: tf.tensor([1, 2]) })).data.byteLength // 8
 */
export async function encodeWeights(
  tensors: NamedTensorMap | NamedTensor[],
  group?: WeightGroup,
): Promise<{ data: ArrayBuffer; specs: WeightsManifestEntry[] }> {
  if (!Array.isArray(tensors)) want('io.encodeWeights', { tensors }, 'object');
  const named = Array.isArray(tensors)
    ? Array.from(tensors)
    : Object.entries(tensors).map(([name, tensor]) => ({ name, tensor }));
  want('io.encodeWeights', { tensors: named }, 'objects');
  for (const { name, tensor } of named) {
    want('io.encodeWeights', { name }, 'string');
    want('io.encodeWeights', { [name]: tensor }, 'tensor');
    tensor.handle('io.encodeWeights');
  }
  const specs = named.map(({ name, tensor: { shape, dtype } }) => ({
    name,
    shape: shape.slice(),
    dtype,
    ...(group && { group }),
  }));
  const values = await Promise.all(named.map(({ tensor }) => stored(tensor)));
  return { data: new CompositeArrayBuffer(values).slice(), specs };
}

type FetchWeights = (paths: string[]) => Promise<ArrayBuffer[]> | ArrayBuffer[];
type LoadWeights = (manifest: WeightsManifestConfig, prefix?: string, names?: string[]) => Promise<NamedTensorMap>;

function checkNames(manifest: WeightsManifestConfig, names: string[]): void {
  const known = getWeightSpecs(manifest).map(({ name }) => name);
  const missing = names.filter((name) => !known.includes(name));
  if (missing.length)
    throw new TensorineError(
      'value',
      `loadWeights: Could not find weights in manifest with names: ${missing.join(', ')}. ` +
        `Manifest JSON has weights with names: ${known.join(', ')}.`,
    );
}

/** A function that loads the weights of a manifest, or those with some names; fetchWeights reads the files. */
export function weightsLoaderFactory(fetchWeights: FetchWeights): LoadWeights {
  want('io.weightsLoaderFactory', { fetchWeights }, 'function');
  return async (given, prefix = '', names) => {
    const manifest = Array.isArray(given) ? Array.from(given) : given;
    checkManifest(manifest, 'loadWeights');
    want('loadWeights', { prefix }, 'string');
    want('loadWeights', { names }, 'strings?');
    if (names) checkNames(manifest, names);
    const wanted = (name: string) => !names || names.includes(name);
    const groups = manifest.filter((group) => group.weights.some(({ name }) => wanted(name)));
    const paths = groups.flatMap((group) => group.paths);
    const files = await fetchWeights(
      paths.map((path) => (!prefix || prefix.endsWith('/') ? prefix : `${prefix}/`) + path),
    );
    want('loadWeights', { 'what fetchWeights gives': files }, 'buffers');
    if (files.length !== paths.length)
      throw fileError(`loadWeights: ${files.length} files came for ${paths.length} paths`);
    const tensors: NamedTensorMap = {};
    let at = 0;
    for (const group of groups) {
      const decoded = decodeWeights(files.slice(at, (at += group.paths.length)), group.weights);
      for (const [name, tensor] of Object.entries(decoded)) {
        if (wanted(name)) tensors[name] = tensor;
        else tensor.dispose();
      }
    }
    return tensors;
  };
}
