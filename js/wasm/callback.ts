// JavaScript functions as C function pointers. A table takes wasm functions only, so each is passed
// through a module of one import that is exported again.

const CODES: Record<string, number> = { i: 0x7f, f: 0x7d, d: 0x7c };

/** Puts a function into a table; returns its index, which is the pointer in C. The signature is the
 * result, then the parameters: i (int or pointer), f, d, and v for no result: 'vii'. */
export function addFunction(
  table: WebAssembly.Table,
  signature: string,
  f: (...values: number[]) => number | void,
): number {
  const [result, ...params] = signature;
  const results = result === 'v' ? [] : [CODES[result]];
  const type = [1, 0x60, params.length, ...params.map((c) => CODES[c]), results.length, ...results];
  const bytes = new Uint8Array([
    0,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0, // magic, version
    1,
    type.length,
    ...type, // one type
    2,
    7,
    1,
    1,
    0x65,
    1,
    0x66,
    0,
    0, // import "e"."f" as a function of it
    7,
    5,
    1,
    1,
    0x66,
    0,
    0, // export it as "f"
  ]);
  const wrapper = new WebAssembly.Instance(new WebAssembly.Module(bytes), { e: { f } });
  const index = table.grow(1);
  table.set(index, wrapper.exports.f as () => void);
  return index;
}
