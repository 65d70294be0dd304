// Modules that tools/build.mjs provides: the glue Emscripten makes, and where the bytes are.
declare module 'tensorine:glue' {
  interface GlueOptions {
    wasmMemory: WebAssembly.Memory;
    instantiateWasm(imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance) => unknown): unknown;
    startWorkers(count: number): void;
  }
  const glue: (options: GlueOptions & Record<string, unknown>) => Record<string, unknown>;
  export default glue;
}

declare module 'tensorine:files' {
  type Bytes = Uint8Array<ArrayBuffer>;
  /** The core; null where it is a file of its own. */
  export const coreBytes: (() => Bytes) | null;
  /** The addresses of that file, by the memory it imports, beside the module; null where embedded. */
  export const plainURL: (() => URL) | null;
  export const sharedURL: (() => URL) | null;
  /** The memory the core imports, in pages, and where in its bytes the flags of that import are. */
  export const memory: { at: number; initial: number; maximum: number };
  /** The plug-in, and where in its bytes the flags of its memory import are. */
  export const pluginBytes: () => Bytes;
  export const pluginFlag: number;
  /** The script of a worker, as a string. */
  export const workerText: string;
  /** Starts the same script from its own file beside the module, where there is one. */
  export const workerFile: (() => Worker) | null;
}
