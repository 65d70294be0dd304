// Calls every public function, class and method of the library with arguments that no one would give:
// what is thrown must be a TensorineError, tensors of others must keep their values, none may be left
// behind by a call that failed, and a small program must go on giving its right result.
// `node tests/fuzz/random_caller.mjs SECONDS [SEED] [NAMES] [CALLS]`, NAMES being a regular expression
// ('^tf\.(io|util)\.'), with a ! before it of what is left out; `make fuzz` runs it too.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { modelTargets } from './subjects.mjs';

/** Mulberry32: numbers in [0, 1) from a seed. */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Why some are not called, and which. */
const REASONS = {
  'changes what all others do': [
    'setBackend',
    'removeBackend',
    'registerBackend',
    'setPlatform',
    'disposeVariables',
    'startScope',
    'endScope',
    'enableDebugMode',
    'enableProdMode',
    'forceHalfFloat',
    'registerSaveRouter',
    'registerLoadRouter',
    'registerClass',
    'setThreads',
  ],
  'hands out the inside, or is all the names again': [
    'default',
    'ENV',
    'env',
    'engine',
    'getBackend',
    'backend',
    'findBackendFactory',
    'kernels',
  ],
  "throws the host's errors, or a test's": ['fetch', 'test_util'],
  'fills arrays as large as it is asked to: gigabytes': [
    'makeOnesTypedArray',
    'makeZerosTypedArray',
    'getTypedArrayFromDType',
    'getArrayFromDType',
    'createShuffledIndices',
    'makeZerosNestedTypedArray',
    'exponents',
    'rand',
    'buffer',
    'TensorBuffer',
  ],
  'asks for ever, as it was told': ['repeatedTry'],
};
const LEFT_OUT = new Set(Object.values(REASONS).flat());
const MINE = Symbol('thrown by an argument');

class Mine extends Error {
  constructor() {
    super('mine');
    this[MINE] = true;
  }
}

/** Makers of arguments; `made` collects tensors to be disposed. */
function makers(tf, next, made) {
  const pick = (list) => list[Math.floor(next() * list.length)];
  const keep = (x) => {
    made.push(x);
    return x;
  };
  const shape = () => Array.from({ length: Math.floor(next() * 5) }, () => Math.floor(next() * 4));
  const gone = () => {
    const x = tf.tensor([1, 2]);
    x.dispose();
    return x;
  };
  const detached = () => {
    const x = new Float32Array(4);
    structuredClone(x, { transfer: [x.buffer] });
    return x;
  };
  const numbers = [
    0,
    -0,
    1,
    2,
    3,
    4,
    -1,
    -2,
    0.5,
    1e9,
    16777217,
    2147483647,
    2147483648,
    -2147483649,
    NaN,
    Infinity,
    -Infinity,
  ];
  const texts = [
    '',
    'a',
    '0',
    'float32',
    'int32',
    'bool',
    'string',
    'complex64',
    'same',
    'valid',
    'relu',
    'NHWC',
    'max',
    'x'.repeat(999),
    '\0',
    'sgd',
    'file://model',
  ];
  const tensor = () => {
    const s = shape(),
      dtype = pick(['float32', 'float32', 'float32', 'int32', 'bool', 'string', 'complex64']);
    const size = s.reduce((a, b) => a * b, 1);
    if (dtype === 'complex64') return keep(tf.tidy(() => tf.complex(tf.ones(s), tf.zeros(s))));
    return keep(
      tf.tensor(
        Array.from({ length: size }, (_, i) => (dtype === 'string' ? `t${i}` : i % 5)),
        s,
        dtype,
      ),
    );
  };
  const reentrant = () => {
    const list = [1, 2, 3];
    Object.defineProperty(list, Math.floor(next() * 3), {
      enumerable: true,
      get() {
        tf.tidy(() => {
          tf.add([[9, 9]], tf.ones([1, 2]));
        });
        return pick([1, 2, 0]);
      },
      set() {},
    });
    return list;
  };
  const changing = () =>
    new Proxy([2, 2, 2], {
      get: (of, name) =>
        name === 'length'
          ? pick([0, 1, 3, 60])
          : (Reflect.get(of, name) ?? (typeof name === 'symbol' ? undefined : pick([1, 1000]))),
    });
  const throwing = () =>
    new Proxy([1, 2], {
      get() {
        throw new Mine();
      },
    });
  const values = [
    () => undefined,
    () => null,
    () => pick(numbers),
    () => pick(numbers),
    () => pick([0, 1, 2, 3, -1]),
    () => pick(texts),
    () => true,
    () => false,
    () => 5n,
    () => Symbol('s'),
    () => () => 1,
    () => (x) => x,
    () => () => {
      throw new Mine();
    },
    () => async () => pick([1, null]),
    () => shape(),
    () => shape(),
    () => [pick(numbers)],
    () => [],
    () => [[]],
    () => [[1, 2], [3]],
    () => [null],
    () => ['a', 'b'],
    () => [
      [1, 2],
      [3, 4],
    ],
    () => [undefined],
    () => new Array(3),
    () => [[[[1], [2]]]],
    () => new Float32Array([1, 2, 3, 4]),
    () => new Int32Array(3),
    () => new Uint8Array([5, 6]),
    () => new BigInt64Array(2),
    () => new Float64Array(2),
    detached,
    () => new Float32Array(new SharedArrayBuffer(16)),
    () => new DataView(new ArrayBuffer(8)),
    () => new ArrayBuffer(8),
    () => new Date(0),
    () => /x/,
    () => new Map([[1, 2]]),
    () => new Set([1]),
    () => Promise.resolve(1),
    () => ({}),
    () => ({ length: 3 }),
    () => Object.create(null),
    () => ({
      units: pick(numbers),
      inputShape: shape(),
      axis: pick(numbers),
      name: pick(texts),
      activation: pick(texts),
      dtype: pick(texts),
      shape: shape(),
    }),
    () => ({ a: tensor(), b: tensor(), x: tensor(), filter: tensor(), strides: 1, pad: pick(texts) }),
    () => ({
      toString() {
        throw new Mine();
      },
    }),
    () => Object.create(tf.Tensor.prototype),
    gone,
    tensor,
    tensor,
    tensor,
    tensor,
    tensor,
    tensor,
    () => [tensor(), tensor()],
    () => [tensor(), null],
    () => keep(tf.variable(tf.tidy(() => keep(tf.ones([2]))))),
    () => tf.data.array([1, 2]),
    reentrant,
    changing,
    throwing,
    () => new Mine(),
    () => tf,
    () => class {},
    () => globalThis,
    () => new Proxy({}, {}),
    () => [1, [2, [3, [4, [5, [6, [7, [8, [9]]]]]]]]],
  ];
  return () => pick(values)();
}

/** Methods that a class keeps to itself ('Class.method'), as the sources say it: JavaScript does not know. */
function privateMethods() {
  const root = new URL('../../js/', import.meta.url),
    found = new Set();
  for (const file of readdirSync(root, { recursive: true }).filter((name) => name.endsWith('.ts'))) {
    let owner = '';
    for (const line of readFileSync(new URL(file.replaceAll('\\', '/'), root), 'utf8').split('\n')) {
      owner = /^(?:export )?(?:abstract )?class (\w+)/.exec(line)?.[1] ?? owner;
      const hidden = /^ {2}(?:\/\*\* @internal.*\*\/ )?(?:private|protected) (?:\w+ )*\*?(\w+)[(<]/.exec(line);
      if (hidden) found.add(`${owner}.${hidden[1]}`);
    }
  }
  return found;
}
const PRIVATE = privateMethods();

/** Names of methods of an object, its classes' too. */
function methodsOf(object) {
  const names = new Set();
  for (let at = object; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    const owner = at.constructor?.name.replace(/^_|\d+$/g, '');
    for (const name of Reflect.ownKeys(at)) {
      const d = Object.getOwnPropertyDescriptor(at, name);
      if (typeof d.value === 'function' && name !== 'constructor' && !PRIVATE.has(`${owner}.${String(name)}`))
        names.add(name);
    }
  }
  return [...names];
}

/** Things whose methods are called: made anew for each call (a promise is awaited), and undone by the
 * second function. */
const SUBJECTS = {
  Tensor: [
    (tf) =>
      tf.tensor([
        [1, 2],
        [3, 4],
      ]),
    (tf, x) => x.dispose(),
  ],
  Variable: [(tf) => tf.tidy(() => tf.variable(tf.tensor([1, 2]))), (tf, x) => x.dispose()],
  TensorBuffer: [(tf) => tf.buffer([2, 2]), () => {}],
  Dataset: [(tf) => tf.data.array([1, 2, 3]), () => {}],
  Layer: [
    (tf) => tf.layers.dense({ units: 2, inputShape: [2] }),
    (tf, x) => {
      if (x.built) x.dispose();
    },
  ],
  Model: [
    (tf) => {
      const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
      model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });
      return model;
    },
    (tf, x) => x.dispose(),
  ],
  Optimizer: [(tf) => tf.train.sgd(0.1), (tf, x) => x.dispose()],
  GraphModel: [
    (tf) =>
      tf.loadGraphModelSync({
        modelTopology: {
          node: [
            { name: 'x', op: 'Placeholder' },
            { name: 'w', op: 'Const' },
            { name: 'y', op: 'Add', input: ['x', 'w'] },
          ],
        },
        weightSpecs: [{ name: 'w', shape: [2], dtype: 'float32' }],
        weightData: new Float32Array([1, 2]).buffer,
      }),
    (tf, x) => x.dispose(),
  ],
  Iterator: [(tf) => tf.data.array([1, 2, 3]).iterator(), () => {}],
  CSVDataset: [(tf) => new tf.data.CSVDataset(new tf.data.FileDataSource(new Blob(['a,b\n1,2\n3,4\n']))), () => {}],
  CompositeArrayBuffer: [(tf) => new tf.io.CompositeArrayBuffer([new ArrayBuffer(4), new Uint8Array(3)]), () => {}],
  FileSystem: [(tf) => tf.io.fileSystem('model'), () => {}],
  SaveHandler: [(tf) => tf.io.withSaveHandler(async () => ({})), () => {}],
  Memory: [(tf) => tf.io.fromMemory({ modelTopology: {} }), () => {}],
  Writer: [(tf) => tf.node.summaryFileWriter(resolve('logs')), () => {}],
  Environment: [(tf) => new tf.Environment({}), () => {}],
};

/** [name, call(args)] of all that is called. */
async function targets(tf) {
  const found = [],
    seen = new Set();
  const walk = (space, path, depth) => {
    for (const name of Object.keys(space)) {
      const value = space[name],
        full = path + name;
      if (LEFT_OUT.has(name) || seen.has(value)) continue;
      if (typeof value === 'function') {
        seen.add(value);
        const isClass = /^class\b/.test(Function.prototype.toString.call(value));
        found.push([
          isClass ? `new ${full}` : full,
          (args) => (isClass ? new value(...args) : value.apply(space, args)),
        ]);
      } else if (
        depth < 2 &&
        value &&
        typeof value === 'object' &&
        !(value instanceof tf.Tensor) &&
        !Array.isArray(value)
      ) {
        seen.add(value);
        walk(value, `${full}.`, depth + 1);
      }
    }
  };
  walk(tf, 'tf.', 0);
  for (const [kind, [make, undo]] of Object.entries(SUBJECTS)) {
    const one = await make(tf),
      names = methodsOf(one).filter((name) => typeof name === 'string' && !name.startsWith('_'));
    undo(tf, one);
    const used = (name, x, args, hold) => {
      hold(() => {
        try {
          undo(tf, x);
        } catch {
          /* gone */
        }
      });
      return x[name](...args);
    };
    for (const name of names)
      found.push([
        `${kind}.${name}`,
        (args, hold) => {
          const x = make(tf);
          return x instanceof Promise ? x.then((it) => used(name, it, args, hold)) : used(name, x, args, hold);
        },
      ]);
  }
  return [...found, ...modelTargets(tf)];
}

function kindOf(x) {
  try {
    return ['number', 'string', 'boolean'].includes(typeof x)
      ? JSON.stringify(x).slice(0, 20)
      : Object.prototype.toString.call(x).slice(8, -1);
  } catch {
    return 'Proxy';
  }
}

function tensorsIn(tf, result) {
  try {
    return tf.getTensorsInContainer(result);
  } catch {
    return []; // an argument that came back, and whose getters throw
  }
}

/** A folder of its own, so that what a call writes is not left; returns the way back. */
function elsewhere() {
  const home = process.cwd(),
    folder = mkdtempSync(join(tmpdir(), 'random-caller-'));
  process.chdir(folder);
  return () => {
    process.chdir(home);
    rmSync(folder, { recursive: true, maxRetries: 5, force: true });
  };
}

/** Ends the process where a call takes longer than half a minute, and says which one. */
function watchdog(names) {
  const state = new Int32Array(new SharedArrayBuffer(8)); // the call, its target
  const worker = new Worker(
    `
    const { workerData: [state, names] } = require('node:worker_threads');
    let last = -1;
    setInterval(() => {
      if (state[0] === last) {
        require('node:fs').writeSync(2, 'hangs: call ' + last + ', ' + names[state[1]] + '\\n');
        process.kill(process.pid, 'SIGKILL');
      }
      last = state[0];
    }, 30000);`,
    { eval: true, workerData: [state, names] },
  );
  worker.unref();
  return {
    sees(call, target) {
      state[0] = call;
      state[1] = target;
    },
    end: () => worker.terminate(),
  };
}

const soon = (promise) =>
  Promise.race([
    promise,
    new Promise((go) => {
      setTimeout(go, 2000).unref?.();
    }),
  ]);

/** Tensors with values that nothing may change, and a program with one right answer. */
function watch(tf) {
  const canaries = Array.from({ length: 8 }, (_, i) =>
    tf.tensor(
      Array.from({ length: 7 + 50 * i }, (__, k) => k * 3 + i),
      undefined,
      i % 2 ? 'int32' : 'float32',
    ),
  );
  return {
    broken() {
      const bad = canaries.findIndex((x, i) => x.isDisposed || x.dataSync().some((v, k) => v !== k * 3 + i));
      if (bad >= 0) return `canary ${bad} has changed`;
      const y = tf.tidy(
        () =>
          tf
            .matMul(
              [
                [1, 2],
                [3, 4],
              ],
              [
                [5, 6],
                [7, 8],
              ],
            )
            .add(tf.range(0, 2))
            .sum()
            .dataSync()[0],
      );
      return y === 136 ? null : `19 + 23 + 43 + 51 became ${y}`;
    },
    end: () => tf.dispose(canaries),
  };
}

/** Calls for so many milliseconds, or so often, what `only` takes the name of; a map from what was found
 * to its first example. */
export async function randomCalls(tf, { seed = 1, calls = Infinity, ms = Infinity, only = () => true } = {}) {
  const next = random(seed),
    made = [],
    value = makers(tf, next, made),
    all = (await targets(tf)).filter(([name]) => only(name)),
    findings = new Map();
  const guard = watch(tf),
    dog = watchdog(all.map(([name]) => name)),
    home = elsewhere(),
    silenced = {};
  const until = performance.now() + ms;
  for (const name of ['log', 'warn', 'error', 'info', 'table', 'group', 'groupEnd'])
    [silenced[name], console[name]] = [console[name], () => {}];
  let n = 0;
  const found = (name, what, args) => {
    const key = `${name}: ${what}`,
      one = findings.get(key);
    findings.set(key, {
      count: (one?.count ?? 0) + 1,
      call: one?.call ?? n,
      args: one?.args ?? args.map(kindOf).join(', '),
    });
  };
  const judge = (name, error, args) => {
    if (error instanceof tf.TensorineError || error?.[MINE]) return;
    const words = String(error?.message ?? error)
      .replace(/\d+/g, 'N')
      .slice(0, 70);
    if (/mine|^Class constructor/.test(words)) return; // the argument's own
    found(name, `${error?.constructor?.name} ${words}`, args);
  };
  try {
    for (; n < calls && performance.now() < until; n++) {
      const target = Math.floor(next() * all.length),
        [name, call] = all[target],
        before = tf.memory().numTensors;
      const args = Array.from({ length: Math.floor(next() * 6) }, value);
      let result,
        undo = () => {},
        threw = false;
      dog.sees(n, target);
      if (process.env.TRACE) process.stderr.write(`${n} ${name}\n`); // what traps is the last line
      try {
        result = call(args, (f) => {
          undo = f;
        });
        if (typeof result?.then === 'function') result = await soon(result);
      } catch (error) {
        threw = true;
        judge(name, error, args);
      }
      for (const x of [...tensorsIn(tf, result), ...made.splice(0)]) if (!x.isDisposed) x.dispose();
      undo();
      if (threw && tf.memory().numTensors > before) found(name, 'a failed call leaves tensors', args);
      const broken = n % 50 === 0 ? guard.broken() : null;
      if (broken) {
        found(name, broken, args);
        break;
      }
    }
  } finally {
    Object.assign(console, silenced);
    guard.end();
    home();
    await dog.end();
  }
  return { findings, calls: n, targets: all.length };
}

async function main() {
  const tf = await import('../../dist/tensorine.mjs');
  const [seconds = 60, seed = Date.now() % 1e9, names = '', calls = Infinity] = process.argv.slice(2);
  const pattern = new RegExp(names.replace(/^!/, '')),
    only = (name) => pattern.test(name) !== names.startsWith('!');
  let later = 0;
  process.on('unhandledRejection', () => {});
  process.on('uncaughtException', (error) => {
    later++;
    console.info(`thrown later: ${String(error?.stack).slice(0, 500)}`);
  });
  const {
    findings,
    calls: made,
    targets: count,
  } = await randomCalls(tf, { seed: Number(seed), ms: 1000 * seconds, calls: Number(calls), only });
  for (const [key, { count: times, call, args }] of [...findings].sort((a, b) => b[1].count - a[1].count))
    console.log(`${times} x ${key}   call ${call} (${args})`);
  console.log(
    `random caller: seed ${seed}, ${made} calls of ${count} functions and methods, ${findings.size} findings`,
  );
  process.exit(findings.size || later ? 1 : 0);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
