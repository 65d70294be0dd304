// Models in files, in Node: file://PATH.
import { isNode, nodeModule } from '../core/node';
import {
  fileError,
  getModelArtifactsForJSON,
  getModelArtifactsInfoForJSON,
  parseModelJSON,
  toFiles,
} from './artifacts';
import { readManifest } from './shards';
import type { IOHandler, IORouter, LoadOptions, ModelArtifacts, SaveResult } from './types';

const SCHEME = 'file://';

/** What follows the scheme, as it stands if there is such a file; else as a URL says it (%20). */
async function toPath(url: string): Promise<string> {
  const path = url.slice(SCHEME.length);
  if (!url.startsWith('file:///') || !/%|^\/[A-Za-z]:/.test(path)) return path;
  const { access } = await nodeModule('node:fs/promises');
  const { fileURLToPath } = await nodeModule('node:url');
  return access(path).then(
    () => path,
    () => fileURLToPath(url),
  );
}

async function readFile(path: string): Promise<Uint8Array> {
  const { readFile: read } = await nodeModule('node:fs/promises');
  try {
    return await read(path);
  } catch (error) {
    throw fileError(`file: ${path} cannot be read: ${(error as Error).message}`);
  }
}

class FileSystem implements IOHandler {
  constructor(
    private readonly url: string,
    private readonly options: LoadOptions,
  ) {}

  async load(): Promise<ModelArtifacts> {
    const { dirname, join } = await nodeModule('node:path');
    const path = await toPath(this.url);
    const json = parseModelJSON(new TextDecoder().decode(await readFile(path)), `file: ${path}`);
    this.options.checkModel?.(json);
    const read = async (name: string, arrived: (bytes: number) => void) => {
      this.options.signal?.throwIfAborted();
      const from = join(this.options.weightPathPrefix ?? dirname(path), name);
      const bytes = await readFile(from);
      arrived(bytes.length);
      return {
        name: from,
        data: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
      };
    };
    return getModelArtifactsForJSON(json, (manifest) =>
      readManifest(manifest, read, 'file', this.options.onProgress),
    );
  }

  async save(artifacts: ModelArtifacts): Promise<SaveResult> {
    const { mkdir, writeFile } = await nodeModule('node:fs/promises');
    const { join } = await nodeModule('node:path');
    const { json, weights } = toFiles(artifacts, 'weights.bin', 'file: save');
    const folder = await toPath(this.url);
    try {
      await mkdir(folder, { recursive: true });
      if (weights) await writeFile(join(folder, 'weights.bin'), new Uint8Array(weights));
      await writeFile(join(folder, 'model.json'), json);
    } catch (error) {
      throw fileError(`file: ${folder} cannot be written: ${(error as Error).message}`);
    }
    return { modelArtifactsInfo: getModelArtifactsInfoForJSON(artifacts) };
  }
}

/** Loads from a model.json, saves to a folder (model.json and weights.bin); file:// may be left out. */
export function fileSystem(path: string, options: LoadOptions = {}): IOHandler {
  return new FileSystem(path.startsWith(SCHEME) ? path : SCHEME + path, options);
}

export const fileRouter: IORouter = (url, options) =>
  isNode && typeof url === 'string' && url.startsWith(SCHEME) ? fileSystem(url, options) : null;
