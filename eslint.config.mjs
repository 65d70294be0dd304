// Faults that the compiler does not see; form is prettier's.
import js from '@eslint/js';
import globals from 'globals';
import ts from 'typescript-eslint';
import { importOrder } from './tools/import_order.mjs';

export default ts.config(
  { ignores: ['build/', 'dist/', 'js/generated/', 'web/api/', 'web/vis/', 'node_modules/', 'tests/types/'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  {
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-empty': ['error', { allowEmptyCatch: true }],
      'no-var': 'error',
      // Short sequences are written with commas: a.dispose(), b.dispose();
      '@typescript-eslint/no-unused-expressions': 'off',
      'prefer-const': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true },
      ],
      // A class whose methods are put on its prototype says so by an interface; modules that the build provides are declared.
      '@typescript-eslint/no-unsafe-declaration-merging': 'off',
      '@typescript-eslint/triple-slash-reference': 'off',
      // Types that mirror TensorFlow.js's are as open as those.
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-empty-object-type': 'off',
      '@typescript-eslint/no-unsafe-function-type': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['js/**/*.ts'],
    plugins: { house: { rules: { 'import-order': importOrder } } },
    rules: { 'house/import-order': 'error' },
  },
  // What pages of the tests, and jasmine, have as globals.
  {
    files: ['tests/browser/**', 'tests/conformance/**', 'tests/packages/**'],
    languageOptions: {
      globals: {
        ...globals.jasmine,
        tf: 'readonly',
        tfvis: 'readonly',
        ours: 'readonly',
        peer: 'readonly',
        artifacts: 'readonly',
        checks: 'readonly',
        jasmineRequire: 'readonly',
      },
    },
  },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  // The compiler knows names better.
  { files: ['**/*.ts'], rules: { 'no-undef': 'off' } },
);
