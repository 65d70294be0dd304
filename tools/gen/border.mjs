// The border between C and JavaScript as one typed module: every exported function, the enums that
// cross, and where the fields of structs lie that JavaScript reads. From the C sources; stops with
// file and line at what it does not understand.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeclarationError } from './grammar.mjs';
import { closing, splitArgs } from './read.mjs';

/** Structs whose fields are read in place, and the fields that are. */
const READ = {
  Tensor: ['id', 'dtype', 'rank', 'size', 'shape', 'scope'],
  ProfileRow: ['ms', 'all_bytes', 'op', 'why', 'on_device', 'bytes', 'all_tensors', 'nin', 'nout', 'shapes'],
  ProfileShape: ['rank', 'sizes'],
};
/** Enums that the core gives, as words by their numbers, and enums that it takes, as numbers by words; with what
 * stands before each name. */
const GIVEN = { DType: 'TN_', ErrorCode: 'TN_', LayerKind: 'TN_' };
const TAKEN = { WhichWeights: 'TN_WEIGHTS_', LayerMethod: 'TN_METHOD_', FitValues: 'TN_FIT_', PartKind: 'TN_PART_' };
const ENUMS = { ...GIVEN, ...TAKEN };
/** How C's numbers cross. */
const NUMBERS = ['int', 'unsigned', 'float', 'double', 'uint32_t', 'size_t', 'uintptr_t'];
/** Bytes of scalars in wasm, each aligned to its size. */
const BYTES = { int: 4, unsigned: 4, float: 4, double: 8, bool: 1, uint8_t: 1, uint16_t: 2, uint32_t: 4, size_t: 4 };
const POINTER = 4;

const lineOf = (text, at) => text.slice(0, at).split('\n').length;
const stopAt = (file, line, why) => {
  throw new DeclarationError(`${file}:${line}: ${why}`);
};
const withoutComments = (text) => text.replace(/\/\*[^]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '));

function sources(root) {
  return readdirSync(join(root, 'src'), { recursive: true })
    .filter((name) => /\.[ch]$/.test(name))
    .sort()
    .map((name) => ({ file: `src/${name}`, text: withoutComments(readFileSync(join(root, 'src', name), 'utf8')) }));
}

/** The TypeScript type of a C one; given: of a parameter. */
function typeOf(ctype, given, enums, where) {
  const plain = ctype.replace(/\b(const|struct)\b/g, '').trim();
  if (plain.includes('(*')) return 'Callback';
  if (plain.includes('*')) return 'Pointer';
  if (plain === 'void') return 'void';
  if (plain === 'bool') return given ? 'boolean | number' : 'number';
  if (NUMBERS.includes(plain) || enums.has(plain)) return 'number';
  return stopAt(...where, `type "${plain}" cannot cross the border`);
}

const RESERVED = ['function', 'default', 'delete', 'in', 'new', 'with'];

/** Type and name of a parameter as it is written. */
function parameter(text, enums, where) {
  const callback = /\(\*(\w+)\)/.exec(text);
  if (callback) return `${callback[1]}: Callback`;
  const [, ctype, name] =
    /^(.*?[\s*])(\w+)(?:\[\w*\])?$/s.exec(text) ?? stopAt(...where, `parameter "${text}" cannot be read`);
  return `${name}${RESERVED.includes(name) ? '_' : ''}: ${typeOf(text.endsWith(']') ? `${ctype}*` : ctype, true, enums, where)}`;
}

/** Exported functions by name, as members of an interface. */
function functions(files, ops, enums) {
  const found = new Map();
  for (const { file, text } of files)
    for (const m of text.matchAll(/^EXPORT\s+([\w\s]+?[\s*]+)(tn_\w+)\(/gm)) {
      const where = [file, lineOf(text, m.index)],
        open = m.index + m[0].length - 1;
      const given = text
        .slice(open + 1, closing(text, open) - 1)
        .replace(/\s+/g, ' ')
        .trim();
      const parameters = given === 'void' || !given ? [] : splitArgs(given).map((one) => parameter(one, enums, where));
      found.set(m[2], `${m[2]}(${parameters.join(', ')}): ${typeOf(m[1], false, enums, where)};`);
    }
  for (const op of ops) {
    const parameters = op.params.map((p) => parameter(`${p.ctype} ${p.name}`, enums, [op.file, 1]));
    found.set(`tn_${op.name}`, `tn_${op.name}(${parameters.join(', ')}): Pointer;`);
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, member]) => member);
}

/** Names of all enums, and the members of those that cross. */
function readEnums(files) {
  const names = new Set(),
    members = {};
  for (const { text } of files)
    for (const [, name, body] of text.matchAll(/typedef enum (\w+) \{([^}]*)\}/g)) {
      names.add(name);
      if (ENUMS[name])
        members[name] = body
          .split(',')
          .map((part) => part.trim())
          .filter(Boolean);
    }
  return { names, members };
}

/** The members as words: TN_WEIGHTS_OWN_FIXED is ownFixed. A count at the end is left out. */
const wordsOf = (name, members) =>
  members
    .filter((member) => member !== `${ENUMS[name]}${name.toUpperCase()}S`)
    .map((member) =>
      member
        .slice(ENUMS[name].length)
        .toLowerCase()
        .replace(/_(\w)/g, (_, letter) => letter.toUpperCase()),
    );

function enumConst(name, members) {
  const words = wordsOf(name, members);
  const value = TAKEN[name]
    ? `{ ${words.map((word, i) => `${word}: ${i}`).join(', ')} }`
    : `[${words.map((word) => `'${word}'`).join(', ')}]`;
  return `/** ${name} in the order of C. */\nexport const ${name} = ${value} as const;`;
}

/** Bodies of structs by name, and constants of enums that array sizes use. */
function readStructs(files) {
  const bodies = new Map(),
    constants = new Map();
  for (const { file, text } of files) {
    for (const m of text.matchAll(/(?:typedef )?struct (\w+) \{([^{}]*)\}/g))
      bodies.set(m[1], { body: m[2], where: [file, lineOf(text, m.index)] });
    for (const [, name, value] of text.matchAll(/\b([A-Z][A-Z_0-9]+) = (\d+)\b/g)) constants.set(name, Number(value));
  }
  return { bodies, constants };
}

/** Bytes, alignment and fields of a struct in wasm. */
function layout(name, structs, enums) {
  const { body, where } = structs.bodies.get(name) ?? stopAt('tools/gen/border.mjs', 1, `no struct ${name}`);
  const fields = {};
  let at = 0,
    align = 1;
  for (const line of body
    .split(';')
    .map((text) => text.trim())
    .filter(Boolean)) {
    const [, type, names] =
      /^((?:const |struct )*\w+)\s*(.+)$/s.exec(line) ?? stopAt(...where, `field "${line}" cannot be read`);
    for (const one of names.split(',')) {
      const [, star, field, count] =
        /^\s*(\**)\s*(\w+)(?:\[(\w+)\])?$/.exec(one) ?? stopAt(...where, `field "${one}" cannot be read`);
      const [bytes, step] = sizeOf(star ? '*' : type, structs, enums, where);
      const times = count === undefined ? 1 : (structs.constants.get(count) ?? Number(count));
      if (!Number.isInteger(times)) stopAt(...where, `size "${count}" of ${field} is not known`);
      at = Math.ceil(at / step) * step;
      fields[field] = at;
      at += bytes * times;
      align = Math.max(align, step);
    }
  }
  return { fields, bytes: Math.ceil(at / align) * align, align };
}

function sizeOf(type, structs, enums, where) {
  const plain = type.replace(/\b(const|struct)\b/g, '').trim();
  if (plain === '*') return [POINTER, POINTER];
  if (BYTES[plain]) return [BYTES[plain], BYTES[plain]];
  if (enums.has(plain)) return [4, 4];
  if (!structs.bodies.has(plain)) stopAt(...where, `the size of "${plain}" is not known`);
  const inner = layout(plain, structs, enums);
  return [inner.bytes, inner.align];
}

function structConst(name, { fields, bytes }) {
  const members = READ[name].map((field) => `${field}: ${fields[field]}`);
  return `/** Bytes from the beginning of a ${name} to its fields, and of all of it. */\nexport const ${name} = { ${members.join(', ')}, byteLength: ${bytes} } as const;`;
}

/** [the TypeScript module, C that fails to compile where a field lies elsewhere]. */
export function border(root, ops) {
  const files = sources(root),
    enums = readEnums(files),
    structs = readStructs(files);
  const layouts = Object.keys(READ).map((name) => [name, layout(name, structs, enums.names)]);
  const module = [
    '// The border to C: what the core exports, generated from the C sources, do not edit.',
    '',
    '/** An address in the core; use >>> 0 where two are compared or one is an index. */',
    'export type Pointer = number;',
    '/** A function in the table of the core (callback()). */',
    'export type Callback = number;',
    '',
    ...Object.entries(enums.members).map(([name, members]) => `${enumConst(name, members)}\n`),
    ...layouts.map(([name, one]) => `${structConst(name, one)}\n`),
    '/** The exports of the core. */',
    'export interface Exports {',
    ...functions(files, ops, enums.names).map((member) => `  ${member}`),
    '}',
    '',
  ];
  const asserts = layouts.flatMap(([name, { fields, bytes }]) => [
    `_Static_assert(sizeof(${name}) == ${bytes}, "${name}");`,
    ...READ[name].map(
      (field) => `_Static_assert(offsetof(${name}, ${field}) == ${fields[field]}, "${name}.${field}");`,
    ),
  ]);
  const check = [
    '/* Fields that JavaScript reads lie where it thinks; generated, do not edit. */',
    '#include "tensor/engine.h"',
    '#include <stddef.h>',
    '#ifdef __wasm__',
    ...asserts,
    '#endif',
    '',
  ];
  return [module.join('\n'), check.join('\n')];
}
