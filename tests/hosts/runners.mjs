// Tests as the test runners of others take them.
const body = () => `
test('computes', async () => {
  await tf.ready();
  const x = tf.tensor2d([[1, 2], [3, 4]]);
  expect(Array.from(await tf.matMul(x, x).data())).toEqual([7, 10, 15, 22]);
  expect(tf.util.decodeString(tf.util.encodeString('\\u00e9\\u{1f600}'))).toBe('\\u00e9\\u{1f600}');
  expect(multi.tensor([1]).shape).toEqual([1]);
});
`;
const REQUIRE = `const tf = require('tensorine'), multi = require('tensorine/multi');${body()}`;
const IMPORT = `import * as tf from 'tensorine';\nimport multi from 'tensorine/multi';${body()}`;

/** The cases of a runner in one of its environments. */
export function runnerCases(runner, environment, command) {
  const config = { 'package.json': '{ "private": true }' };
  if (runner === 'vitest')
    return [
      {
        name: 'import',
        files: { ...config, 'a.test.mjs': `import { expect, test } from 'vitest';\n${IMPORT}` },
        command,
      },
    ];
  const jest = (pattern) => ({
    'jest.config.json': JSON.stringify({ testEnvironment: environment, testMatch: [`**/${pattern}`], rootDir: '.' }),
  });
  return [
    { name: 'require', files: { ...config, ...jest('a.test.cjs'), 'a.test.cjs': REQUIRE }, command },
    {
      name: 'import',
      files: { ...config, ...jest('a.test.mjs'), 'a.test.mjs': IMPORT },
      command: `NODE_OPTIONS=--experimental-vm-modules ${command}`,
    },
  ];
}
