// Stands for the peer's jasmine_util: which specs run here, and scopes around each.
import tf from './ours.cjs';

export const NODE_ENVS = { predicate: () => true };
export const CHROME_ENVS = { flags: { IS_CHROME: true } };
export const BROWSER_ENVS = { predicate: () => false };
export const SYNC_BACKEND_ENVS = { predicate: (env) => env.isDataSync };
export const HAS_WORKER = { predicate: () => false };
export const HAS_NODE_WORKER = { predicate: () => true };
export const ALL_ENVS = {};

const env = { name: 'tensorine', backendName: 'wasm', isDataSync: true };
export const TEST_ENVS = [env];

export function envSatisfiesConstraints(flags, testEnv, { flags: wanted = {}, predicate } = {}) {
  return Object.entries(wanted).every(([name, value]) => flags.get(name) === value) &&
    (!predicate || predicate(testEnv));
}

export function describeWithFlags(name, constraints, tests) {
  if (!envSatisfiesConstraints(tf.env(), env, constraints)) return;
  describe(name, () => {
    beforeEach(() => { tf.startScope(); });
    afterEach(() => {
      tf.endScope();
      tf.disposeVariables();
    });
    afterAll(() => { tf.env().reset(); });
    tests(env);
  });
}
