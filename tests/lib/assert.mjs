// The few assertions of node:assert/strict that tests use which run in pages too.
const shown = (value) => JSON.stringify(value, (_, v) => (ArrayBuffer.isView(v) ? Array.from(v) : v))?.slice(0, 300);
const plain = (value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);

function alike(given, wanted) {
  const [a, b] = [plain(given), plain(wanted)];
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && alike(a[key], b[key]));
}

const fail = (message) => {
  throw message instanceof Error ? message : new Error(message ?? 'an assertion failed');
};

export default {
  fail,
  ok: (value, message) => value || fail(message),
  equal: (a, b, message) => Object.is(a, b) || fail(`${message ?? ''} ${shown(a)} is not ${shown(b)}`),
  deepEqual: (a, b, message) => alike(a, b) || fail(`${message ?? ''} ${shown(a)} is not ${shown(b)}`),
  notDeepEqual: (a, b, message) => !alike(a, b) || fail(`${message ?? ''} ${shown(a)} twice`),
};
