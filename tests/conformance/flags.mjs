// Stands for the peer's jasmine_util: which specs run here, and scopes around each.
import tf from './ours.cjs';

const browser = typeof document !== 'undefined';
export const NODE_ENVS = { predicate: () => !browser };
export const CHROME_ENVS = { flags: { IS_CHROME: true } };
export const BROWSER_ENVS = { predicate: () => browser };
export const SYNC_BACKEND_ENVS = { predicate: (env) => env.isDataSync };
export const HAS_WORKER = { predicate: () => browser };
export const HAS_NODE_WORKER = { predicate: () => !browser };
export const ALL_ENVS = {};

const name = tf.getBackend() === 'wasm' ? 'cpu' : tf.getBackend();
const env = { name, backendName: name, isDataSync: true };
export const TEST_ENVS = [env];

export function envSatisfiesConstraints(flags, testEnv, { flags: wanted = {}, predicate } = {}) {
  return (
    Object.entries(wanted).every(([name, value]) => flags.get(name) === value) && (!predicate || predicate(testEnv))
  );
}

export function describeWithFlags(name, constraints, tests) {
  if (!envSatisfiesConstraints(tf.env(), env, constraints)) return;
  describe(name, () => {
    beforeEach(() => {
      tf.startScope();
    });
    afterEach(() => {
      tf.endScope();
      tf.disposeVariables();
    });
    afterAll(() => {
      tf.env().reset();
    });
    tests(env);
  });
}

/** A spec alone with what the browser keeps; it tells by a promise or by done(). */
export const runWithLock = (spec) => () =>
  new Promise((resolve, reject) => {
    for (const key of Object.keys(localStorage))
      if (key.startsWith('tensorflowjs_models/')) localStorage.removeItem(key);
    const done = Object.assign(resolve, { fail: reject });
    const result = spec(done);
    if (typeof result?.then === 'function') result.then(resolve, reject);
  });
export class TestKernelBackend extends tf.KernelBackend {}
