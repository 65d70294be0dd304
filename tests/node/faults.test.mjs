// The faults that `make mutate` plants: what they are, that they leave comments and strings alone, and that a seed
// says which.
import assert from 'node:assert/strict';
import test from 'node:test';
import { faultsOfC, faultsOfTypeScript, inTurn, plant } from '../../tools/mutate/faults.mjs';

const C = `/* a < b */
#define MORE(a, b) ((a) > \\
                    (b))
static int f(int n, const char *s) {
    if (n < 1) return 0;
    if (!s && puts("a < b")) n = g(n, s) - 1;
    return n + n;
}
`;

/** Each fault as its kind and the lines that it changes. */
const changes = (source, faults) => {
  const before = source.split('\n');
  return faults.map((fault) => {
    const after = plant(source, fault).split('\n');
    return `${fault.kind}: ${after.filter((line, i) => line !== before[i]).join('|')}`.replace(/ +/g, ' ');
  });
};

test('in C each kind of fault is planted, and nothing in comments, strings and macros', () => {
  assert.deepEqual(changes(C, faultsOfC(C)).sort(), [
    'bound: if (n <= 1) return 0;',
    'branch: if (0 && (!s && puts("a < b"))) n = g(n, s) - 1;',
    'logic: if (!s || puts("a < b")) n = g(n, s) - 1;',
    'not: if (s && puts("a < b")) n = g(n, s) - 1;',
    'one: if (!s && puts("a < b")) n = g(n, s);',
    'return: ;',
    'sign: if (!s && puts("a < b")) n = g(n, s) + 1;',
    'sign: return n - n;',
    'swap: if (!s && puts("a < b")) n = g(s, n) - 1;',
    'term: return n;',
    'turned: if (n >= 1) return 0;',
  ]);
});

test('in TypeScript the same, and nothing in types', () => {
  const source = `// a < b
export function f(list: Array<A & B>, i: number): string | null {
  if (i >= list.length) return null;
  if (!i) g('a < b', \`\${i + 1}\`);
  return h(list, i) && i - list.length > 0 ? 'a' : null;
}
`;
  assert.deepEqual(changes(source, faultsOfTypeScript(source)).sort(), [
    'bound: if (i > list.length) return null;',
    "bound: return h(list, i) && i - list.length >= 0 ? 'a' : null;",
    "branch: if (false && (!i)) g('a < b', `${i + 1}`);",
    "logic: return h(list, i) || i - list.length > 0 ? 'a' : null;",
    "not: if (i) g('a < b', `${i + 1}`);",
    "one: if (!i) g('a < b', `${i}`);",
    'return: ;',
    "sign: if (!i) g('a < b', `${i - 1}`);",
    "sign: return h(list, i) && i + list.length > 0 ? 'a' : null;",
    "swap: return h(i, list) && i - list.length > 0 ? 'a' : null;",
    "term: return h(list, i) && i > 0 ? 'a' : null;",
    'turned: if (i < list.length) return null;',
    "turned: return h(list, i) && i - list.length <= 0 ? 'a' : null;",
  ]);
});

test('a seed says which faults come, and each comes once', () => {
  const order = (seed) => [...inTurn(faultsOfC(C), seed)].map(({ kind, at }) => `${kind} ${at}`);
  assert.deepEqual(order(1), order(1));
  assert.notDeepEqual(order(1), order(2));
  assert.equal(new Set(order(1)).size, faultsOfC(C).length);
});
