// Embeds shaders/ as C strings: common.glsl, math.glsl, and each .frag with what its pragmas say:
//   #pragma flags ALIGNED MAX      what a program of it may be compiled with, an enum in C
//   #pragma words n height float:eps   names of the attribute words, which follow the sizes
//   #pragma with pairs             another file whose functions it calls, shaders/pairs.glsl
//   #pragma aligned n              ALIGNED is defined where these words are multiples of four
//   #pragma whole x0 y             inputs, or the result y, that may be int32; what has none is float32 or bool
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Words before the attributes of a shader that has no host code: elements of y, x0, x1, x2. */
const FIRST_ATTRIBUTE = 4;
/** The bit of the result among those of the inputs. */
const RESULT = 256;

/** Without comments and needless blanks; lines stay lines, so that compilers' messages can be read. */
function minify(text) {
  const bare = text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '')
    .replace(/\\\n/g, ' ');
  const lines = bare
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter(Boolean);
  return lines.map((line) => (line.startsWith('#') ? line : tight(line)) + '\n').join('');
}

const tight = (line) => line.replace(/ ?([-+*/=<>!?:;,(){}[\]&|]) ?/g, (all, c) => c);

/** A C string literal, a line of source each. */
const literal = (text) =>
  text
    .match(/[^\n]{1,100}\n?|\n/g)
    .map((part) => `\n    ${JSON.stringify(part)}`)
    .join('');

function pragma(text, name) {
  const line = new RegExp(`^#pragma ${name} (.*)$`, 'm').exec(text);
  return line ? line[1].trim().split(/\s+/) : [];
}

function readShader(dir, file) {
  const text = readFileSync(join(dir, file), 'utf8');
  const words = pragma(text, 'words'),
    flags = pragma(text, 'flags'),
    aligned = pragma(text, 'aligned'),
    whole = pragma(text, 'whole'),
    library = pragma(text, 'with').map((name) => readFileSync(join(dir, `${name}.glsl`), 'utf8'));
  const names = words.map((w) => w.replace('float:', ''));
  const unknown = aligned.find((w) => !names.includes(w));
  if (unknown) throw new Error(`shaders/${file}: aligned: ${unknown} is no word`);
  if (aligned.length && flags[0] !== 'ALIGNED') throw new Error(`shaders/${file}: the first flag must be ALIGNED`);
  const defines = words
    .map((w, i) => `#define ${names[i]} ${w.startsWith('float:') ? 'number' : 'word'}(${FIRST_ATTRIBUTE + i})\n`)
    .join('');
  return {
    name: file.replace('.frag', ''),
    flags,
    whole: whole.reduce((m, name) => m + (name === 'y' ? RESULT : 2 ** Number(name.slice(1))), 0),
    mask: aligned.reduce((m, w) => m + 2 ** names.indexOf(w), 0),
    source: defines + minify(library.join('\n') + text.replace(/^#pragma (flags|words|aligned|whole|with) .*$/gm, '')),
  };
}

const upper = (name) => name.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();

const readAll = (dir) =>
  readdirSync(dir)
    .filter((f) => f.endsWith('.frag'))
    .sort()
    .map((f) => readShader(dir, f));

/** Names of the shader files and their sources as programs have them. */
export const shaderTexts = (root) => readAll(join(root, 'shaders')).map(({ name, source }) => ({ name, source }));

/** The header and the source with all shaders. */
export function shaders(root) {
  const dir = join(root, 'shaders'),
    all = readAll(dir);
  const text = (file) => literal(minify(readFileSync(join(dir, file), 'utf8')));
  const enums = all
    .filter((s) => s.flags.length)
    .map((s) => `enum { ${s.flags.map((f, i) => `${upper(s.name)}_${f} = ${2 ** i}`).join(', ')} };`);
  const header = [
    '/* The shaders as text; generated from shaders/, do not edit. */',
    '#ifndef SHADERS_GEN_H',
    '#define SHADERS_GEN_H',
    '#include <stdint.h>',
    '',
    'typedef struct Shader {',
    '    const char *name, *source, *flags;',
    '    uint32_t aligned; /* attribute words that must be multiples of four for ALIGNED */',
    '    uint32_t whole;   /* inputs that may be int32, a bit each; the result is the ninth */',
    '} Shader;',
    '',
    'extern const char gl_common[], gl_math[];',
    'extern const Shader gl_shaders[];',
    '',
    `enum { ${[...all.map((s) => `SHADER_${upper(s.name)}`), 'SHADERS'].join(', ')} };`,
    ...enums,
    '#endif',
    '',
  ];
  const source = [
    '/* The shaders as text; generated from shaders/, do not edit. */',
    '#include "shaders.gen.h"',
    '',
    `const char gl_common[] =${text('common.glsl')};`,
    `const char gl_math[] =${text('math.glsl')};`,
    'const Shader gl_shaders[] = {',
    ...all.map((s) => `    {"${s.name}",${literal(s.source)},\n     "${s.flags.join(' ')}", ${s.mask}u, ${s.whole}u},`),
    '};',
    '',
  ];
  return { header: header.join('\n'), source: source.join('\n') };
}
