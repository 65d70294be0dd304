// Starts workers that compute beside this thread: Workers in a page, worker_threads in Node. They keep no process
// alive.
//
// In a page the script is a Blob (a content security policy must then allow `worker-src blob:`) or,
// in the multi-file build, the file worker.js beside the module (`worker-src 'self'`), and the Blob
// where that file is not to be had. Where neither is allowed, everything runs on the one thread.
/// <reference path="./build.d.ts" />
import { workerFile, workerText } from 'tensorine:files';
import { isNode, nodeModule } from './node';
import { givenPath } from './paths';

/** What a worker is started with. Addresses in bytes; a stack grows down from its end. */
export interface WorkerStart {
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

/** Starts a worker where the host allows it; that it doesn't is no error. */
export async function startWorker(start: WorkerStart): Promise<void> {
  try {
    if (isNode) await startInNode(start);
    else if (typeof Worker !== 'undefined') startInPage(start);
  } catch {
    /* everything runs on this thread */
  }
}

async function startInNode(start: WorkerStart): Promise<void> {
  const { Worker } = await nodeModule('node:worker_threads');
  const script = `var onmessage;${text()}onmessage({data:require('node:worker_threads').workerData})`;
  new Worker(script, { eval: true, workerData: start, execArgv: [] }).unref();
}

function startInPage(start: WorkerStart): void {
  const worker = workerOfFile();
  const fromBlob = () => {
    blob ??= URL.createObjectURL(new Blob([text()], { type: 'text/javascript' }));
    new Worker(blob).postMessage(start);
  };
  if (!worker) return fromBlob();
  worker.onerror = fromBlob;
  worker.postMessage(start);
}

function workerOfFile(): Worker | null {
  const path = givenPath('worker.js');
  try {
    return workerFile && (path ? new Worker(path) : workerFile());
  } catch {
    // of another origin, or no address
    return null;
  }
}

const text = () => workerText;
let blob: string | undefined;
