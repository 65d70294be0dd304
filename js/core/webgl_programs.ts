// Shaders that packages bring for the GPU, as TensorFlow.js's backend takes them, and tensors of textures.
// Here a texture holds four elements of a tensor, in row-major order, to each texel: the code of a
// program, which makes one element or a block of 2 by 2, is run for each of the four.
import * as core from '../wasm/core';
import { shown, TensorineError } from '../wasm/errors';
import { begin, ints, one, pointers } from './arguments';
import { sizesOf } from './from_array';
import { isObject, isString, product } from './kinds';
import { list, text } from './lower';
import { capitalized } from './names';
import type { DataType, Tensor } from './tensor';
import { want } from './want';
import { context, withTexture } from './webgl';

type UniformType = 'float' | 'vec2' | 'vec3' | 'vec4' | 'int' | 'ivec2' | 'ivec3' | 'ivec4';

export interface GPGPUProgram {
  /** input names: the code reads x by getX(i, j, ...) */
  variableNames: string[];
  outputShape: number[];
  /** GLSL with a function main() that calls setOutput() */
  userCode: string;
  customUniforms?: { name: string; type: UniformType; arrayIndex?: number }[];
  /** getX gives, and setOutput takes, a block of 2 by 2 elements */
  packedInputs?: boolean;
  packedOutput?: boolean;
  enableShapeUniforms?: boolean;
}

const AXES = ['a', 'b', 'c', 'd', 'e', 'f'];
const FIELDS = ['x', 'y', 'z', 'w', 'u', 'v'];
const vector = (rank: number) => (rank < 2 ? 'int' : `ivec${rank}`);

/** The index of an element from its place along each axis. */
const flat = (shape: number[], names: string[]): string =>
  shape
    .map(
      (size, i) =>
        names[i] +
        shape
          .slice(i + 1)
          .map((n) => `*${n}`)
          .join(''),
    )
    .join('+') || '0';

/** getX, which reads input k. */
function sampler(name: string, shape: number[], k: number, packed: boolean): string {
  const of = `get${capitalized(name)}`,
    args = AXES.slice(0, shape.length);
  const parameters = args.map((a) => `int ${a}`).join();
  if (!packed) return `float ${of}(${parameters}){return at(x${k},${flat(shape, args)});}`;
  const [row, column] = [-2, -1].map((axis) => args.at(axis) ?? '0'),
    rows = shape.at(-2) ?? 1,
    columns = shape.at(-1) ?? 1;
  const cell = (i: number, j: number) => {
    const places = args.map((a, axis) =>
      axis === args.length - 1 ? `(${a}+${j})` : axis === args.length - 2 ? `(${a}+${i})` : a,
    );
    const inside = `${args.length > 1 ? `${row}+${i}` : i}<${rows}&&${args.length ? `${column}+${j}` : j}<${columns}`;
    return `(${inside}?at(x${k},${flat(shape, places)}):0.)`;
  };
  return `vec4 ${of}(${parameters}){return vec4(${cell(0, 0)},${cell(0, 1)},${cell(1, 0)},${cell(1, 1)});}`;
}

/** getXAtOutCoords, for inputs that broadcast to the result. */
function samplerAtOutput(name: string, shape: number[], out: number[], packed: boolean): string {
  const title = capitalized(name),
    lead = out.length - shape.length;
  if (lead < 0) return '';
  const place = (axis: number) => (out.length < 2 ? 'c' : `c.${FIELDS[axis]}`);
  const args = shape.map((size, i) => (size === 1 && out[i + lead] !== 1 ? '0' : place(i + lead)));
  return `${packed ? 'vec4' : 'float'} get${title}AtOutCoords(){${vector(out.length)} c=getOutputCoords();return get${title}(${args});}`;
}

/** Where in the result the code is: of a block, its first element. */
function coordinates(shape: number[], packed: boolean): string {
  const rank = shape.length,
    lines = ['int rest=element_;'];
  for (let i = rank - 1; i >= 0; i--) lines.push(`int ${AXES[i]}=rest%${shape[i] || 1};rest/=${shape[i] || 1};`);
  const names = AXES.slice(0, rank).map((a, i) => (packed && i >= rank - 2 ? `(${a}/2)*2` : a));
  const corner = packed
    ? `corner_=${rank > 1 ? `(${AXES[rank - 2]}%2)*2` : '0'}+${rank ? `${AXES[rank - 1]}%2` : '0'};`
    : '';
  return `${vector(rank)} getOutputCoords(){${lines.join('')}${corner}return ${rank < 2 ? (names[0] ?? '0') : `${vector(rank)}(${names})`};}`;
}

/** What the code may use; as in TensorFlow.js's backend, `round` gives whole numbers. */
const COMMON = `
struct ivec5{int x,y,z,w,u;};struct ivec6{int x,y,z,w,u,v;};
int element_,corner_;vec4 result_;vec2 resultUV;
const vec2 halfCR=vec2(.5);
#define NAN intBitsToFloat(0x7fc00000)
#define INFINITY intBitsToFloat(0x7f800000)
#define isnan_custom(v) isnan(v)
#define round(v) newRound(v)
int newRound(float v){return int(floor(v+.5));}
ivec4 newRound(vec4 v){return ivec4(floor(v+.5));}
int imod(int x,int y){return x-y*(x/y);}
int idiv(int a,int b,float sign){int q=a/b,r=imod(a,b);return sign<0.&&r!=0?q-1:q;}
float getChannel(vec4 v,int i){return i%2==0?v.x:v.y;}
float getChannel(vec4 v,vec2 p){vec2 m=mod(p,2.);return m.x==0.?getChannel(v,int(m.y)):m.y==0.?v.z:v.w;}
float random(float seed){return fract(sin(dot(resultUV,vec2(127.1,311.7))+seed*74.7)*43758.5453);}
`;

/** Where an element lies in that backend's texture of the result, from 0 to 1, if the code asks. */
function placeOf({ outputShape: shape, userCode }: GPGPUProgram): string {
  if (!/\b(resultUV|random)\b/.test(userCode)) return '';
  const size = (dims: number[]) => product(dims) || 1,
    lead = Math.max(0, Math.min(shape.length - 1, 2));
  const columns = size(shape.slice(lead)),
    rows = size(shape.slice(0, lead));
  return `resultUV=vec2((float(element_%${columns})+.5)/${columns}.,(float(element_/${columns})+.5)/${rows}.);`;
}

/** The same code without names that stand for something in every shader here (common.glsl). */
const renamed = (code: string): string =>
  code.replace(/(?<![.\w])(words|word|number|y|texel|place|quad|channel|at|VALUE|FETCH|COUNT|MAIN)\b/g, '$1_');

/** Uniforms of the program's own, which arrive as words. */
function uniforms(program: GPGPUProgram): { declared: string; read: string; count: number } {
  let declared = '',
    read = '',
    at = 0;
  for (const { name: given, type, arrayIndex } of program.customUniforms ?? []) {
    const name = renamed(given),
      n = Number(/\d$/.exec(type)?.[0] ?? 1),
      whole = type.startsWith('i');
    declared += `${type} ${name}${arrayIndex ? `[${arrayIndex}]` : ''};`;
    for (let i = 0; i < (arrayIndex ?? 1); i++) {
      const words = Array.from({ length: n }, () => `${whole ? 'word' : 'number'}(${at++})`);
      read += `${name}${arrayIndex ? `[${i}]` : ''}=${n > 1 ? `${type}(${words})` : words};`;
    }
  }
  return { declared, read, count: at };
}

function shapes(program: GPGPUProgram, inputs: number[][]): string {
  if (!program.enableShapeUniforms) return '';
  const constant = (name: string, shape: number[]) =>
    shape.length < 5
      ? `const ${vector(shape.length)} ${name}=${vector(shape.length)}(${shape.length ? shape : 1});`
      : '';
  return (
    constant('outShape', program.outputShape) +
    program.variableNames.map((name, k) => constant(`${name}Shape`, inputs[k])).join('')
  );
}

/** The whole fragment shader but for what all shaders share. */
function shaderOf(program: GPGPUProgram, inputs: number[][]): string {
  const { variableNames, outputShape, packedInputs = false, packedOutput = false } = program;
  const { declared, read } = uniforms(program);
  const each = [0, 1, 2, 3].map(
    (i) =>
      `element_=first+${i};${placeOf(program)}${packedOutput ? 'getOutputCoords();' : ''}userMain();r[${i}]=${packedOutput ? 'channel(result_,corner_)' : 'result_.x'};`,
  );
  return [
    variableNames.map((_, k) => `uniform sampler2D x${k};`).join(''),
    COMMON,
    declared,
    coordinates(outputShape, packedOutput),
    shapes(program, inputs),
    ...variableNames.map((name, k) => sampler(name, inputs[k], k, packedInputs)),
    ...variableNames.map((name, k) => samplerAtOutput(name, inputs[k], outputShape, packedInputs)),
    'void setOutput(float v){result_=vec4(v);}void setOutput(vec4 v){result_=v;}',
    `void readUniforms(){${read}}`,
    '#define main userMain',
    renamed(program.userCode),
    `#undef main\nvoid main(){readUniforms();int first=4*texel();vec4 r;${each.join('')}y=r;}\n`,
  ].join('\n');
}

const bits = new DataView(new ArrayBuffer(4));
const floatBits = (value: number): number => {
  bits.setFloat32(0, value);
  return bits.getInt32(0);
};

function words(program: GPGPUProgram, values: number[][] = []): number[] {
  const found = (program.customUniforms ?? []).flatMap(({ type }, i) =>
    Array.from(values[i] ?? [], (v) => (type.startsWith('i') ? v | 0 : floatBits(v))),
  );
  const { count } = uniforms(program);
  if (found.length !== count)
    throw new TensorineError('value', `compileAndRun: customUniforms are ${count} numbers, but got ${found.length}`);
  return found;
}

function draw(source: string, inputs: Tensor[], shape: number[], values: number[], texture = 0): Tensor {
  begin('compileAndRun');
  return one(
    core.x.tn_gl_program(
      text(source, 'userCode'),
      list(inputs, 'inputs'),
      ints(shape, 'outputShape'),
      pointers(values),
      texture,
    ),
  );
}

/** The result of a program as a tensor. */
export function runProgram(program: GPGPUProgram, inputs: Tensor[], dtype?: DataType, values?: number[][]): Tensor {
  if (inputs.length !== program.variableNames.length)
    throw new TensorineError(
      'value',
      `compileAndRun: variableNames are ${program.variableNames.length}, but got ${inputs.length} inputs`,
    );
  const y = draw(
    shaderOf(
      program,
      inputs.map((x) => x.shape),
    ),
    inputs,
    program.outputShape,
    words(program, values),
  );
  const wanted = dtype ?? inputs[0]?.dtype ?? 'float32';
  if (wanted === 'float32') return y;
  const cast = y.cast(wanted);
  y.dispose();
  return cast;
}

/** A texture of the GPU's context, and which of its channels are elements: 'RGBA' (if it is left out), 'R', 'BGR', ... */
export interface WebGLData {
  texture: WebGLTexture;
  height: number;
  width: number;
  channels?: string;
}

export const isWebGLData = (values: unknown): values is WebGLData => isObject(values) && 'texture' in values;

/** The kind of sampler that reads a texture of the page, by its type of numbers: '', 'i' or 'u'. */
function samplerOf(gl: WebGL2RenderingContext, texture: WebGLTexture): string {
  const frame = gl.createFramebuffer(),
    at = [gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0] as const;
  gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
  gl.framebufferTexture2D(...at, gl.TEXTURE_2D, texture, 0);
  const there = gl.checkFramebufferStatus(gl.FRAMEBUFFER) !== gl.FRAMEBUFFER_INCOMPLETE_MISSING_ATTACHMENT,
    type: unknown = there && gl.getFramebufferAttachmentParameter(...at, gl.FRAMEBUFFER_ATTACHMENT_COMPONENT_TYPE);
  gl.deleteFramebuffer(frame);
  if (!there) throw new TensorineError('value', 'tensor: values.texture is no texture of TEXTURE_2D');
  return type === gl.INT ? 'i' : type === gl.UNSIGNED_INT ? 'u' : '';
}

/** A context's texture, which another context's is not. */
function checkTexture(gl: WebGL2RenderingContext, texture: WebGLTexture): void {
  let known = false;
  try {
    known = gl.isTexture(texture);
  } catch {
    // no texture at all
  }
  if (!known) throw new TensorineError('value', 'tensor: the texture is not one of tf.backend().getGPGPUContext().gl');
}

/** Where the channels lie in a texel. */
function placesOf(channels: unknown): number[] {
  const places = isString(channels) ? Array.from(channels, (c) => 'RGBA'.indexOf(c)) : [];
  if (places.length && places.length <= 4 && !places.includes(-1)) return places;
  throw new TensorineError('value', `tensor: channels must be some of RGBA, but is ${shown(channels)}`);
}

/** A tensor of a texture's elements, texel after texel, row after row; the texture stays the page's. */
export function fromTexture(values: WebGLData, shape?: number[] | null, dtype: DataType = 'float32'): Tensor {
  begin('tensor');
  const { texture, height, width, channels = 'RGBA' } = values;
  want('tensor', { 'values.height': height, 'values.width': width }, 'size');
  if (dtype !== 'float32' && dtype !== 'int32')
    throw new TensorineError('dtype', `tensor: a texture gives float32 or int32, but dtype is ${shown(dtype)}`);
  const places = placesOf(channels),
    n = places.length,
    given = sizesOf(shape ?? [height, width, n]);
  if (product(given) > height * width * n)
    throw new TensorineError(
      'shape',
      `tensor: a texture of ${height} x ${width} x ${n} elements is too small for shape [${given}]`,
    );
  const gl = context();
  checkTexture(gl, texture);
  const kind = samplerOf(gl, texture),
    pick = places.map((p, i) => (i < n - 1 ? `c==${i}?v.${'xyzw'[p]}:` : `v.${'xyzw'[p]}`)).join('');
  const source =
    `uniform highp ${kind}sampler2D x0;float element(int e){int t=e/${n},c=e-t*${n};` +
    `vec4 v=vec4(texelFetch(x0,ivec2(t%${width},t/${width}),0));return ${pick};}\nMAIN`;
  const y = withTexture(texture, (name) => draw(source, [], given, [], name));
  if (dtype === 'float32') return y;
  const whole = y.cast(dtype);
  y.dispose();
  return whole;
}
