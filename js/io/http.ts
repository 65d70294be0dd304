// Models from and to servers, by fetch.
import { shown, TensorineError } from '../wasm/errors';
import { isPath } from '../wasm/node';
import { decode } from '../wasm/utf8';
import { ENV, type Platform } from '../core/env';
import { want } from '../core/want';
import {
  checkLoadOptions,
  checkModelJSON,
  checkWith,
  fileError,
  getModelArtifactsForJSON,
  getModelArtifactsInfoForJSON,
  getWeightSpecs,
  parseModelJSON,
  toFiles,
} from './artifacts';
import { CompositeArrayBuffer } from './buffers';
import { ModelCache } from './cache';
import { readManifest, type Shard } from './shards';
import type {
  IOHandler,
  IORouter,
  LoadOptions,
  ModelArtifacts,
  ModelJSON,
  NamedTensorMap,
  SaveResult,
  WeightsManifestConfig,
} from './types';
import { storedBytes, weightsLoaderFactory } from './weights';

const isAborted = (error: unknown) =>
  (error as Error)?.name === 'AbortError' || (error as Error)?.name === 'TimeoutError';

/** Part of a URL before its file's name, and its query. */
function parseUrl(url: string): [prefix: string, suffix: string] {
  const query = url.search(/[?#]/);
  const path = query < 0 ? url : url.slice(0, query);
  return [path.slice(0, path.lastIndexOf('/') + 1), query < 0 ? '' : url.slice(query).replace(/#.*/, '')];
}

const JSON_HINT = ' Please verify this URL points to the model JSON of the model to load.';

/** Fetches, and throws a 'file' error that names the URL where that fails; what a fetchFunc rejects
 * with that is no error is its own affair. */
async function request(url: string, options: LoadOptions, init: RequestInit, isBinary: boolean): Promise<Response> {
  const fetchFunc = (options.fetchFunc as Platform['fetch']) ?? ENV.platform.fetch;
  const all: RequestInit = { ...options.requestInit, ...init };
  let response: Response;
  try {
    response = await fetchFunc(url, all, { isBinary });
  } catch (error) {
    if (isAborted(error) || all.signal?.aborted || !(error instanceof Error)) throw error;
    if (!options.fetchFunc && isPath(url))
      throw fileError(`http: ${url} is a path, not a URL: files are loaded from and saved at file://${url}`);
    const cause = (error as { cause?: Error }).cause?.message;
    throw fileError(`http: Request to ${url} failed: ${error.message}${cause ? ` (${cause})` : ''}`);
  }
  if (response.ok) return response;
  throw fileError(
    `http: Request to ${url} failed with status code ${response.status}.${isBinary || init.body ? '' : JSON_HINT}`,
  );
}

/** The body's bytes, `arrived` being called for each piece; once there are more than `most`, no more is fetched. */
async function readBody(
  response: Response,
  url: string,
  arrived: (bytes: number) => void = () => {},
  most = Infinity,
): Promise<ArrayBuffer> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  try {
    if (!response.body?.getReader) {
      const data = await response.arrayBuffer();
      arrived(data.byteLength);
      return data;
    }
    const reader = response.body.getReader();
    for (let step = await reader.read(), left = most; !step.done; step = await reader.read()) {
      pieces.push(step.value);
      arrived(step.value.length);
      left -= step.value.length;
      if (left >= 0) continue;
      await reader.cancel();
      break;
    }
  } catch (error) {
    if (isAborted(error) || error instanceof TensorineError) throw error;
    const got = pieces.reduce((sum, { length }) => sum + length, 0);
    const of = response.headers?.get('content-length');
    throw fileError(
      `http: ${url}: broken off after ${got}${of ? ` of ${of}` : ''} bytes: ${(error as Error)?.message ?? error}`,
    );
  }
  return new CompositeArrayBuffer(pieces).slice();
}

/** Runs f with a signal that also stops what is still under way when f fails. */
async function together<T>(outer: AbortSignal | null | undefined, f: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = () => controller.abort(outer!.reason);
  if (outer?.aborted) throw outer.reason;
  outer?.addEventListener('abort', stop);
  try {
    return await f(controller.signal);
  } catch (error) {
    controller.abort();
    throw outer?.aborted ? outer.reason : error;
  } finally {
    outer?.removeEventListener('abort', stop);
  }
}

class Http implements IOHandler {
  private readonly url: string;
  private readonly weightsURL: string;

  constructor(
    path: string | string[],
    private readonly options: LoadOptions,
  ) {
    want('http', { options }, 'object');
    checkLoadOptions(options);
    if (options.fetchFunc && typeof options.fetchFunc !== 'function')
      throw new TensorineError('value', 'http: Must pass a function that matches the signature of `fetch`');
    const { signal } = this;
    if (signal && typeof signal.addEventListener !== 'function')
      throw new TensorineError('value', `http: signal must be an AbortSignal, but is ${shown(signal)}`);
    if (!path?.length)
      throw new TensorineError('value', 'http: URL path for http must not be null, undefined or empty.');
    want('http', { path }, Array.isArray(path) ? 'strings' : 'string');
    if (Array.isArray(path) && path.length !== 2)
      throw new TensorineError(
        'value',
        `http: URL paths for http must have a length of 2, (actual length is ${path.length}).`,
      );
    if (options.requestInit?.body)
      throw new TensorineError('value', 'http: requestInit is expected to have no pre-existing body, but has one.');
    [this.url, this.weightsURL] = Array.isArray(path) ? path : [path, path];
  }

  private get signal(): AbortSignal | null | undefined {
    return this.options.signal ?? this.options.requestInit?.signal;
  }

  async load(): Promise<ModelArtifacts> {
    const cache = new ModelCache(this.options.cache);
    try {
      return await (this.options.streamWeights ? this.loadStream(cache) : this.loadAll(cache));
    } catch (error) {
      await cache.forget();
      throw error;
    }
  }

  private get(
    cache: ModelCache,
    url: string,
    signal: AbortSignal | null | undefined,
    isBinary: boolean,
  ): Promise<Response> {
    return cache.get(url, () => request(url, this.options, { signal }, isBinary));
  }

  private loadAll(cache: ModelCache): Promise<ModelArtifacts> {
    return together(this.signal, async (signal) =>
      getModelArtifactsForJSON(await this.loadJSON(cache, signal), (manifest) =>
        this.loadWeights(cache, manifest, signal),
      ),
    );
  }

  private async loadStream(cache: ModelCache): Promise<ModelArtifacts> {
    const { weightsManifest, ...rest } = await this.loadJSON(cache, this.signal);
    return {
      ...rest,
      weightSpecs: getWeightSpecs(weightsManifest ?? []),
      getWeightStream: () => this.stream(weightsManifest ?? []),
    };
  }

  private async loadJSON(cache: ModelCache, signal: AbortSignal | null | undefined): Promise<ModelJSON> {
    const json = await this.readJSON(cache, signal);
    checkWith(this.options, json);
    return json;
  }

  private async readJSON(cache: ModelCache, signal: AbortSignal | null | undefined): Promise<ModelJSON> {
    const response = await this.get(cache, this.url, signal, false);
    const where = `http: ${this.url}`;
    if (response.body?.getReader)
      return parseModelJSON(decode(new Uint8Array(await readBody(response, this.url))), where);
    // What a fetch of the program's own gives.
    if (typeof response.text === 'function') return parseModelJSON(await response.text(), where);
    const json: unknown = await Promise.resolve(response.json()).catch((error) => {
      throw fileError(`${where}: Failed to parse model JSON: ${error?.message ?? error}`);
    });
    return checkModelJSON(json, where);
  }

  private async weightURL(path: string): Promise<string> {
    if (this.options.weightUrlConverter) return this.options.weightUrlConverter(path);
    const [prefix, suffix] = parseUrl(this.weightsURL);
    return (this.options.weightPathPrefix || prefix) + path + suffix;
  }

  private loadWeights(cache: ModelCache, manifest: WeightsManifestConfig, signal: AbortSignal) {
    const read = async (path: string, arrived: (bytes: number) => void, most: number): Promise<Shard> => {
      const url = await this.weightURL(path);
      const response = await this.get(cache, url, signal, true);
      return {
        name: url,
        data: await readBody(response, url, arrived, most),
        type: response.headers?.get('content-type'),
      };
    };
    return readManifest(manifest, read, 'http', this.options.onProgress);
  }

  private stream(manifest: WeightsManifestConfig): ReadableStream<ArrayBuffer> {
    const pieces = this.pieces(manifest);
    return new ReadableStream({
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await pieces.return();
      },
    });
  }

  private async *pieces(manifest: WeightsManifestConfig): AsyncGenerator<ArrayBuffer, void, void> {
    const total = manifest.reduce((sum, group) => sum + storedBytes(group.weights), 0);
    const cache = new ModelCache(this.options.cache);
    let loaded = 0;
    for (const path of manifest.flatMap((group) => group.paths)) {
      const url = await this.weightURL(path);
      const response = await this.get(cache, url, this.signal, true);
      yield await readBody(response, url, (bytes) => {
        loaded += bytes;
        this.options.onProgress?.(Math.min(1, loaded / total), { loaded, total });
      });
    }
  }

  async save(artifacts: ModelArtifacts): Promise<SaveResult> {
    const { json, weights } = toFiles(artifacts, './model.weights.bin', 'BrowserHTTPRequest.save()');
    const body = new FormData();
    body.append('model.json', new Blob([json], { type: 'application/json' }), 'model.json');
    if (weights)
      body.append('model.weights.bin', new Blob([weights], { type: 'application/octet-stream' }), 'model.weights.bin');
    const method = this.options.requestInit?.method ?? 'POST';
    const response = await request(this.url, this.options, { method, body }, false);
    return { modelArtifactsInfo: getModelArtifactsInfoForJSON(artifacts), responses: [response] };
  }
}

/** Reads a model from, or posts it to, a URL. */
export function http(path: string | string[], options?: LoadOptions | null): IOHandler {
  return new Http(path, options ?? {});
}

/** A handler that loads a model from a URL, or posts it there. */
export const browserHTTPRequest = http;

/**
 * Whether a URL is one of http or https.
 * @example tf.io.isHTTPScheme('https://example.com/model.json') // true
 */
export const isHTTPScheme = (url: string): boolean => typeof url === 'string' && /^https?:\/\//i.test(url);

export const httpRouter: IORouter = (url, options) => {
  if (typeof fetch === 'undefined' && !options?.fetchFunc) return null;
  return [url].flat().every(isHTTPScheme) ? http(url, options) : null;
};

/** Weights of a manifest, or those with some names, from URLs. */
export async function loadWeights(
  manifest: WeightsManifestConfig,
  prefix = '',
  names?: string[],
  requestInit?: RequestInit,
): Promise<NamedTensorMap> {
  const fetchAll = (urls: string[]) =>
    together(requestInit?.signal, (signal) => {
      const init = urls.length > 1 || requestInit?.signal ? { signal } : {};
      return Promise.all(urls.map(async (url) => readBody(await request(url, { requestInit }, init, true), url)));
    });
  return weightsLoaderFactory(fetchAll)(manifest, prefix, names);
}
