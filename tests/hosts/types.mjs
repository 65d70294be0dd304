// TypeScript's ways to find the types of both entries.
const BODY = 'const x: tf.Tensor = tf.ones([2]);\nconst y: whole.Tensor = whole.add(x, multi.ones([2]));\nvoid y;\n';
const FILES = {
  'esm.mts': `import * as tf from 'tensorine';\nimport whole from 'tensorine';\nimport * as multi from 'tensorine/multi';\n${BODY}`,
  'cjs.cts': `import tf = require('tensorine');\nimport whole from 'tensorine';\nimport multi = require('tensorine/multi');\n${BODY}`,
};

/** A case for each moduleResolution. */
export function typeCases(resolutions) {
  return resolutions.map((resolution) => {
    const module = { node10: 'commonjs', bundler: 'esnext' }[resolution] ?? resolution;
    const files = resolution === 'bundler' ? 'esm.mts' : 'esm.mts cjs.cts';
    return {
      name: resolution,
      files: FILES,
      command:
        `$BIN/tsc --noEmit --strict --target es2022 --lib es2022,dom,esnext.disposable ` +
        `--module ${module} --moduleResolution ${resolution} ${files}`,
    };
  });
}
