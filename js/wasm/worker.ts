// What a worker runs: an instance of the core on the shared memory, in the loop of threads.c.
// Compiled to a script of its own; it imports nothing at run time. In Node threads.ts passes the message.
import type { WorkerStart } from './threads';

/** Imports of the core: memory can grow, time can be read, the rest belongs to the main thread. */
function importsOf(core: WebAssembly.Module, memory: WebAssembly.Memory, grown: number) {
  const all: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module, name, kind } of WebAssembly.Module.imports(core)) {
    all[module] ??= {};
    if (kind === 'memory') all[module][name] = memory;
    else
      all[module][name] = () => {
        throw new Error(`tensorine: ${name} called on a worker`);
      };
  }
  all.env.emscripten_get_now = () => performance.now();
  all.env.emscripten_resize_heap = (size: number) => {
    const pages = ((size >>> 0) - memory.buffer.byteLength) / 65536;
    try {
      if (pages > 0) memory.grow(Math.ceil(pages));
    } catch {
      return 0;
    }
    Atomics.add(new Int32Array(memory.buffer), grown >>> 2, 1);
    return 1;
  };
  return all;
}

function run({ core, plugin, memory, grown, index, stack, stackBytes, pluginStack }: WorkerStart) {
  const x = new WebAssembly.Instance(core, importsOf(core, memory, grown)).exports as Record<string, CallableFunction>;
  if (plugin) {
    const table = x.__indirect_function_table as unknown as WebAssembly.Table;
    table.grow(x.tn_kernel_count());
    const env = { memory, __indirect_function_table: table };
    const { __stack_pointer: top } = new WebAssembly.Instance(plugin, { env }).exports;
    if (top) (top as WebAssembly.Global).value = pluginStack;
  }
  for (let trapped = false; ; trapped = true) {
    x._emscripten_wasm_worker_initialize(stack, stackBytes);
    try {
      if (trapped) x.tn_helper_trapped();
      x.tn_help(index);
    } catch (error) {
      console.error('tensorine: a worker failed:', error);
    }
  }
}

onmessage = ({ data }) => run(data as WorkerStart);
