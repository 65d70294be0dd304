// Where the files of the multi-file build are, if not beside the module: bundlers that don't follow
// new URL(..., import.meta.url), such as esbuild and Bun's, leave them where they were.
import { TensorineError } from './errors';

export const FILES = ['tensorine.wasm', 'tensorine-shared.wasm', 'worker.js'] as const;
export type FileName = (typeof FILES)[number];

/** The advice in errors where a file is not found. */
export const REMEDY =
  `copy ${FILES.join(', ')} from node_modules/tensorine/dist/multi/ to where the page can load ` +
  "them, and say where before tf.ready(): tf.setWasmPaths('/folder/')";

let prefix = '';
let files: { [name: string]: string | undefined } = {};

/** Sets the folder of the files, or an address for each. Other names are ignored: programs may name the files of
 * TensorFlow.js. */
export function setPaths(prefixOrFileMap: string | { [name: string]: string | undefined }): void {
  const given: unknown = prefixOrFileMap;
  if (typeof given !== 'string' && (typeof given !== 'object' || given === null))
    throw new TensorineError(
      'value',
      `setWasmPaths: prefixOrFileMap must be the address of a folder, or an object ` +
        `of addresses by file name, but got ${given === null ? 'null' : typeof given}`,
    );
  if (typeof given === 'string') {
    prefix = given === '' || given.endsWith('/') ? given : `${given}/`;
    files = {};
  } else files = { ...given } as typeof files;
}

/** The address that was set for a file, if there is one. */
export const givenPath = (name: FileName): string => files[name] ?? (prefix && prefix + name);

/** The address of a file; `beside` gives that next to the module, where import.meta.url is known. */
export function pathOf(name: FileName, beside: () => URL): string {
  const given = givenPath(name);
  if (given) return given;
  try {
    return beside().href;
  } catch {
    // no import.meta.url in what a bundler made
    return name;
  }
}
