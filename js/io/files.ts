// Models in files that a user picks, and as downloads.
import { describe, TensorineError } from '../wasm/errors';
import {
  fileError,
  getModelArtifactsForJSON,
  getModelArtifactsInfoForJSON,
  parseModelJSON,
  toFiles,
} from './artifacts';
import { readManifest } from './shards';
import type { IOHandler, IORouter, ModelArtifacts, SaveResult, WeightsManifestConfig } from './types';

const DOWNLOADS = 'downloads://';
const basename = (path: string): string => path.split(/[/\\]/).filter(Boolean).pop() ?? '';

/** Weight files by path of the manifest; each must be there once. */
function matchFiles(manifest: WeightsManifestConfig, files: File[]): Map<string, File> {
  const byPath = new Map<string, File>(),
    seen = new Set<string>();
  for (const path of manifest.flatMap((group) => group.paths)) {
    const name = basename(path);
    if (seen.has(name)) throw fileError(`Duplicate file basename found in weights manifest: '${name}'`);
    seen.add(name);
    const file = files.find((f) => basename(f.name) === name);
    if (!file) throw fileError(`Weight file with basename '${name}' is not provided.`);
    byPath.set(path, file);
  }
  if (seen.size !== files.length)
    throw fileError(
      `Mismatch in the number of files in weights manifest (${seen.size}) ` +
        `and the number of weight files provided (${files.length}).`,
    );
  return byPath;
}

/** Reads a model from files a user chose: the model.json first, then its weight files. */
export function browserFiles(files: File[]): IOHandler {
  if (!(files?.length >= 1))
    throw new TensorineError(
      'value',
      `When calling browserFiles, at least 1 file is required, but received ${Array.isArray(files) ? '' : describe(files)}`,
    );
  if (!Array.from(files).every((file) => typeof file?.text === 'function'))
    throw new TensorineError(
      'value',
      `browserFiles: files must be an array of File or a FileList, but is ${describe(files)}`,
    );
  const [jsonFile, ...weightFiles] = Array.from(files);
  return {
    async load() {
      const json = parseModelJSON(await jsonFile.text(), `browserFiles: ${jsonFile.name}`);
      if (!json.modelTopology)
        throw fileError(`browserFiles: modelTopology field is missing from file ${jsonFile.name}`);
      if (!json.weightsManifest)
        throw fileError(`browserFiles: weightManifest field is missing from file ${jsonFile.name}`);
      if (!weightFiles.length) return { modelTopology: json.modelTopology };
      return getModelArtifactsForJSON(json, (manifest) => {
        const byPath = matchFiles(manifest, weightFiles);
        return readManifest(
          manifest,
          async (path, arrived, most) => {
            const file = byPath.get(path)!,
              data = await file.slice(0, most + 1).arrayBuffer();
            arrived(data.byteLength);
            return { name: file.name, data };
          },
          'browserFiles',
        );
      });
    },
  };
}

/** Gives the page's user a file to keep. */
async function download(name: string, content: BlobPart, type: string): Promise<void> {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  // Downloads that start in the same moment are dropped by some browsers.
  await new Promise((go) => setTimeout(go));
  anchor.dispatchEvent(new MouseEvent('click'));
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

/** Saves a model as two downloads, PREFIX.json and PREFIX.weights.bin. */
export function browserDownloads(prefix = 'model'): IOHandler {
  if (typeof document === 'undefined')
    throw new TensorineError(
      'device',
      'browserDownloads() cannot proceed because the current environment is not a browser.',
    );
  const given = prefix.startsWith(DOWNLOADS) ? prefix.slice(DOWNLOADS.length) : prefix;
  const name = given || 'model';
  return {
    async save(artifacts: ModelArtifacts): Promise<SaveResult> {
      const { json, weights } = toFiles(artifacts, `./${name}.weights.bin`, 'BrowserDownloads.save()');
      await download(`${name}.json`, json, 'application/json');
      if (weights) await download(`${name}.weights.bin`, weights, 'application/octet-stream');
      return { modelArtifactsInfo: getModelArtifactsInfoForJSON(artifacts) };
    },
  };
}

export const downloadsRouter: IORouter = (url) =>
  typeof url === 'string' && typeof document !== 'undefined' && url.startsWith(DOWNLOADS)
    ? browserDownloads(url.slice(DOWNLOADS.length))
    : null;
