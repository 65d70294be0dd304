// Looks into wasm files for the build.
//   wasm.mjs table FILE    prints the size of the function table it defines
//   wasm.mjs plugin FILE   fails unless the file is fit for a plug-in: no data, and no import
//                          that the host does not give
import { readFileSync } from 'node:fs';

/** Sections as {id: bytes}; custom sections (id 0) are left out. */
export function sections(bytes) {
  const found = {};
  for (let at = 8; at < bytes.length;) {
    const id = bytes[at++];
    const [size, start] = varuint(bytes, at);
    if (id) found[id] = bytes.subarray(start, start + size);
    at = start + size;
  }
  return found;
}

function varuint(bytes, at) {
  let value = 0,
    shift = 0,
    byte;
  do {
    byte = bytes[at++];
    value += (byte & 127) * 2 ** shift;
    shift += 7;
  } while (byte & 128);
  return [value, at];
}

/** The first table's least size; the table section is [count, type, limits flag, min, ...]. */
export function tableSize(bytes) {
  const table = sections(bytes)[4];
  if (!table || table[0] !== 1) throw new Error('no function table of its own');
  return varuint(table, 3)[0];
}

/** The memory a module imports, {initial, maximum} in pages, and `at`, where in the file the flags of
 * that import are. An import is two names, a kind and a type; limits are [flags, min, max]. */
export function memoryImport(bytes) {
  const found = sections(bytes)[2];
  let at = found.byteOffset - bytes.byteOffset;
  const number = () => {
    const [value, next] = varuint(bytes, at);
    at = next;
    return value;
  };
  const name = () => {
    const length = number();
    at += length;
  };
  const limits = () => {
    const start = at,
      flags = number(),
      initial = number();
    return { at: start, initial, maximum: flags & 1 ? number() : 65536 };
  };
  for (let count = number(); count > 0; count--) {
    (name(), name());
    const kind = number();
    if (kind === 2) return limits();
    if (kind === 1) (number(), limits());
    else if (kind === 3) (number(), number());
    else number();
  }
  throw new Error('no memory import');
}

/** What makes a module unfit to share another's memory, as text; null if it is fit. Data would be
 * laid over the core's; a function import means that a kernel calls libc. */
export function pluginFault(bytes) {
  const found = sections(bytes);
  if (found[11]) return 'it has static data (constants that became a table?)';
  if (found[2][0] !== 2) return 'it imports more than memory and table (a call of libc?)';
  return null;
}

const [, script, what, file] = process.argv;
if (script?.endsWith('wasm.mjs')) {
  const bytes = readFileSync(file);
  if (what === 'table') console.log(tableSize(bytes));
  else {
    const fault = pluginFault(bytes);
    if (fault) throw new Error(`${file}: ${fault}`);
  }
}
