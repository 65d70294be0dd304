// Models in files, in Node: file://PATH.
import { TensorineError } from '../wasm/errors';
import { FILE_SCHEME, isFileURL, pathIn } from '../wasm/node';
import { fromHere, isNode, nodeModule } from '../wasm/node';
import { decode } from '../wasm/utf8';
import { want } from '../core/want';
import {
  checkLoadOptions,
  checkWith,
  fileError,
  getModelArtifactsForJSON,
  getModelArtifactsInfoForJSON,
  parseModelJSON,
  toFiles,
} from './artifacts';
import { http } from './http';
import { readManifest } from './shards';
import type { IOHandler, IORouter, LoadOptions, ModelArtifacts, SaveResult } from './types';

/** An absolute path as it stands if there is such a file; else as a URL says it (%20). */
async function toPath(path: string): Promise<string> {
  if (!/^\/.*%|^\/[A-Za-z]:/.test(path)) return path;
  const { access } = await nodeModule('node:fs/promises');
  const { fileURLToPath } = await nodeModule('node:url');
  return access(path).then(
    () => path,
    () => fileURLToPath(FILE_SCHEME + path),
  );
}

type Failure = Error & { code?: string };

/** Reads a file, or `most` bytes of it and the next; `what` it is stands in errors. */
async function readFile(path: string, what: string, most = Infinity): Promise<Uint8Array> {
  const { open } = await nodeModule('node:fs/promises');
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size <= most) return await file.readFile();
      const { buffer, bytesRead } = await file.read(new Uint8Array(most + 1), 0, most + 1, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code, message } = error as Failure;
    if (code === 'ENOENT') throw fileError(`file: ${what} ${path} does not exist: loading failed`);
    if (code === 'EISDIR')
      throw fileError(`file: ${path} is a directory. The path to load from must be a file, such as ${path}/model.json`);
    throw fileError(`file: ${path} cannot be read: ${message}`);
  }
}

class FileSystem implements IOHandler {
  private readonly here: string;

  constructor(
    private readonly given: string,
    private readonly options: LoadOptions,
  ) {
    this.here = fromHere(given);
    checkLoadOptions(options);
  }

  private async path(): Promise<string> {
    return this.here === this.given ? toPath(this.given) : this.here;
  }

  async load(): Promise<ModelArtifacts> {
    const { dirname, join } = await nodeModule('node:path');
    const path = await this.path();
    const json = parseModelJSON(decode(await readFile(path, 'Path')), `file: ${path}`);
    checkWith(this.options, json);
    const read = async (name: string, arrived: (bytes: number) => void, most: number) => {
      this.options.signal?.throwIfAborted();
      const from = join(this.options.weightPathPrefix ?? dirname(path), name);
      const bytes = await readFile(from, 'Weight file', most);
      arrived(bytes.length);
      return {
        name: from,
        data: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
      };
    };
    return getModelArtifactsForJSON(json, (manifest) => readManifest(manifest, read, 'file', this.options.onProgress));
  }

  async save(artifacts: ModelArtifacts): Promise<SaveResult> {
    const { mkdir, writeFile } = await nodeModule('node:fs/promises');
    const { join } = await nodeModule('node:path');
    const { json, weights } = toFiles(artifacts, 'weights.bin', 'file: save');
    const folder = await this.path();
    try {
      await mkdir(folder, { recursive: true });
      if (weights) await writeFile(join(folder, 'weights.bin'), new Uint8Array(weights));
      await writeFile(join(folder, 'model.json'), json);
    } catch (error) {
      const { code, message } = error as Failure;
      if (code === 'EEXIST')
        throw fileError(`file: Path ${folder} exists as a file. The path must be nonexistent or point to a directory.`);
      throw fileError(`file: ${folder} cannot be written: ${message}`);
    }
    return { modelArtifactsInfo: getModelArtifactsInfoForJSON(artifacts) };
  }
}

/** Loads from a model.json, saves to a folder (model.json and weights.bin); file:// may be left out. */
export function fileSystem(path: string, options?: LoadOptions | null): IOHandler {
  if (typeof path !== 'string')
    throw new TensorineError(
      'value',
      'fileSystem: path must be the path of one model.json, or of a folder to save to; ' +
        'topologies as GraphDef (.pb) are not read',
    );
  want('io.fileSystem', { options }, 'object?');
  return new FileSystem(isFileURL(path) ? pathIn(path) : path, options ?? {});
}

/**
 * A handler that loads a model from a URL, or posts it there, by the name that TensorFlow.js has for it in Node.
 * @example typeof tf.io.nodeHTTPRequest('https://example.com/model.json').load // "function"
 */
export const nodeHTTPRequest = (path: string, requestInit?: RequestInit, weightPathPrefix?: string): IOHandler =>
  http(path, { requestInit, weightPathPrefix });

export const fileRouter: IORouter = (url, options) => (isNode && isFileURL(url) ? fileSystem(url, options) : null);
