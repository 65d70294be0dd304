// Every name of each package of TensorFlow.js whose alias this library is, or the reason why it is not here;
// what has no counterpart refuses when it is used.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { both, tf } from '../lib/both.mjs';

const load = createRequire(import.meta.url);
const PACKAGES = [
  'tfjs',
  'tfjs-core',
  'tfjs-layers',
  'tfjs-converter',
  'tfjs-data',
  'tfjs-backend-cpu',
  'tfjs-backend-webgl',
  'tfjs-backend-wasm',
];

const ABSENT = {
  'gpgpu_util.*': 'functions on its own context object; each refuses and names tf.backend()',
  'webgl_util.*': 'functions on its own context object; each refuses and names tf.backend()',
  'shared.*': 'loops on plain arrays that its backends share; each refuses and names tf.getKernel',
};
const reason = (name) => ABSENT[name] ?? ABSENT[name.replace(/\.\w+$/, '.*')];

/** Names of a module, of its groups, and of its classes' methods. */
function namesOf(module) {
  const found = [];
  for (const [name, value] of Object.entries(module)) {
    found.push([name, (lib) => lib[name]]);
    if (value && typeof value === 'object')
      for (const key of Object.keys(value)) found.push([`${name}.${key}`, (lib) => lib[name]?.[key]]);
    else if (typeof value === 'function' && value.prototype)
      for (const key of Object.getOwnPropertyNames(value.prototype))
        if (key !== 'constructor')
          found.push([`${name}#${key}`, (lib) => lib[name]?.prototype && key in lib[name].prototype]);
  }
  return found;
}

for (const name of PACKAGES)
  test(`@tensorflow/${name}`, () => {
    const { warn } = console;
    console.warn = () => {};
    const theirs = load(`@tensorflow/${name}`);
    console.warn = warn;
    const lacking = namesOf(theirs).filter(
      ([path, get]) => get(theirs) !== undefined && get(tf) === undefined && !reason(path),
    );
    assert.deepEqual(
      lacking.map(([path]) => path),
      [],
    );
  });

test('every reason is of a name that is not here', () => {
  for (const path of Object.keys(ABSENT)) {
    const [group, key] = path.split('.');
    assert.ok(key === '*' || !(key in (tf[group] ?? {})), path);
  }
});

test('what has no counterpart refuses when it is used', () => {
  const gl = {};
  const uses = [
    () => new tf.GPGPUContext(gl),
    () => new tf.WebGPUBackend(),
    () => tf.webgl_util.createProgram(gl),
    () => tf.gpgpu_util.createVertexShader(gl),
    () => tf.webgpu_util.flatDispatchLayout([1]),
    () => tf.shared.addImpl([1], [1]),
  ];
  for (const use of uses)
    assert.throws(use, { name: 'TensorineError', code: 'device', message: /not part of this library: .*tf\./ });
});

test('a context of the page is taken by both names, and must be one', () => {
  for (const set of [tf.webgl.setContext, (gl) => tf.setWebGLContext(2, gl)])
    for (const gl of [{}, null, undefined, 'webgl2'])
      assert.throws(() => set(gl), {
        code: 'value',
        message: /^webgl.setContext: gl must be a WebGL2RenderingContext/,
      });
  assert.throws(() => tf.setWebGLContext(1, {}), { code: 'value', message: /webGLVersion must be 2/ });
});

test('versions of all parts', () => {
  for (const part of [
    'tfjs',
    'tfjs-core',
    'tfjs-data',
    'tfjs-layers',
    'tfjs-converter',
    'tfjs-backend-cpu',
    'tfjs-backend-webgl',
    'tfjs-backend-wasm',
  ])
    assert.equal(tf.version[part], '4.22.0');
  assert.equal(tf.version_wasm, '4.22.0');
});

test('threads by the names of the wasm backend', () => {
  const before = tf.getThreadsCount();
  tf.setThreadsCount(1);
  assert.equal(tf.getThreadsCount(), 1);
  tf.setThreadsCount(before);
});

test('cosineWindow', () =>
  both((lib) => [lib.cosineWindow(7, 0.54, 0.46), lib.cosineWindow(8, 0.5, 0.5), lib.cosineWindow(1, 0.5, 0.5)]));

test('kernel_impls', () =>
  both((lib) => {
    const boxes = new Float32Array([0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, 2, 1, 3]),
      scores = new Float32Array([0.9, 0.75, 0.6]);
    const {
      nonMaxSuppressionV3Impl: v3,
      nonMaxSuppressionV4Impl: v4,
      nonMaxSuppressionV5Impl: v5,
      whereImpl,
    } = lib.kernel_impls;
    return [
      v3(boxes, scores, 3, 0.5, 0),
      v4(boxes, scores, 3, 0.5, 0, true),
      v4(boxes, scores, 3, 0.5, 0, false),
      v5(boxes, scores, 3, 0.5, 0, 0.5),
      whereImpl([2, 2], new Uint8Array([1, 0, 0, 1])),
      whereImpl([3], new Uint8Array([0, 0, 0])),
    ];
  }));

test('values of backends', () =>
  both(({ util }) => [
    util.convertBackendValuesAndArrayBuffer(new Float32Array([1, 2]).buffer, 'float32'),
    util.convertBackendValuesAndArrayBuffer(new Int32Array([1, 2]).buffer, 'int32'),
    util.convertBackendValuesAndArrayBuffer(new Int32Array([1, 0]).buffer, 'bool'),
  ]));

test('the registry of flags', () => {
  const env = tf.env();
  assert.equal(env.flagRegistry.IS_TEST.evaluationFn(), false);
  env.registerFlag('MINE_TOO', () => 7);
  assert.equal(env.flagRegistry.MINE_TOO.evaluationFn(), 7);
  assert.equal(env.getNumber('MINE_TOO'), 7);
  delete env.flagRegistry.MINE_TOO;
  assert.deepEqual(env.urlFlags, {});
  assert.deepEqual(new tf.Environment({ location: { search: '?tfjsflags=PROD:true' } }).urlFlags, { PROD: true });
});
