// Starts helper threads: Workers in a page, worker_threads in Node. They keep no process alive.
//
// In a page the script is a Blob (a content security policy must then allow `worker-src blob:`) or,
// in the multi-file build, the file worker.js beside the module (`worker-src 'self'`). Where neither
// is allowed no helper comes in, and everything runs on the one thread.
/// <reference path="./build.d.ts" />
import { helperFile, helperText } from 'tensorine:files';
import { isNode, nodeModule } from './node';

/** What a helper is given. Addresses in bytes; a stack grows down from its end. */
export interface Helper {
  core: WebAssembly.Module;
  plugin: WebAssembly.Module | null;
  memory: WebAssembly.Memory;
  /** Address of the word that counts growth. */
  grown: number;
  index: number;
  stack: number;
  stackBytes: number;
  /** End of the plug-in's own stack. */
  pluginStack: number;
}

let blob: string | undefined;

export async function startHelper(helper: Helper): Promise<void> {
  if (isNode) {
    const { Worker } = await nodeModule('node:worker_threads');
    new Worker(helperText, { eval: true, workerData: helper, execArgv: [] }).unref();
  } else if (typeof Worker !== 'undefined') {
    blob ??= URL.createObjectURL(new Blob([helperText], { type: 'text/javascript' }));
    const worker = helperFile ? helperFile() : new Worker(blob);
    worker.postMessage(helper);
  }
}
