// One copy of the library per program: a second file of the same version (import beside require, two
// aliases, two script tags) gives the first one's functions and classes instead of starting an engine of
// its own, whose tensors the first would not know. The registry is globalThis[Symbol.for('tensorine')],
// by version. Here too, namespaces (tf.io, tf.image, ...) become plain objects, whose members test
// runners can replace.
const OPEN = `function open(all) {
  for (const [name, value] of Object.entries(all)) {
    const [first] = Object.values(Object.getOwnPropertyDescriptors(Object(value)));
    if (first?.get && Object.getPrototypeOf(value) === Object.prototype) all[name] = open({ ...value });
  }
  return all;
}`;

/** What stands before a bundle in esbuild's format 'esm'. A multi-file build may not be loaded yet when
 * a one-file build comes: it takes the other's place, never the reverse. */
export function before(format, version, multi) {
  const at = JSON.stringify(version),
    own = multi ? JSON.stringify(`${version} multi`) : at;
  const strict = format === 'esm' ? '' : '"use strict";';
  return `${strict}var tf=((copies)=>copies[${at}]??(copies[${own}]??=(()=>{`;
}

/** The bundle's text with its exports as the result of that function, and again as those of the file. */
export function close(text, format) {
  const [list, inside] = /export\s*\{([^}]*)\};?\s*$/.exec(text) ?? [];
  if (!list) throw new Error('once: the bundle ends without its exports');
  const pairs = inside
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)
    .map((item) => item.split(' as '))
    .map(([local, name = local]) => [name, local]);
  const names = pairs.map(([name]) => name).filter((name) => name !== 'default');
  const api = pairs.map(([name, local]) => (name === local ? name : `${name}:${local}`));
  const exported = {
    esm: `export const {${names}} = tf;\nexport default tf;`,
    cjs: `Object.defineProperty(tf, 'default', { value: tf });\nmodule.exports = tf;\n0 && (module.exports = {${names}});`,
    // where the file is loaded as a module too; and the engine for a core that a later script carries
    iife: 'globalThis.tf=tf;globalThis._tfengine??Object.defineProperty(globalThis,"_tfengine",{value:tf.engine(),writable:true,configurable:true});',
  };
  return `${text.slice(0, -list.length)}return (${OPEN})({${api}});
})()))(globalThis[Symbol.for("tensorine")] ??= {});
${exported[format]}\n`;
}
