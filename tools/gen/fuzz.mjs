// Writes one call of every op for tests/fuzz/fuzz_ops.c: arguments are read from the fuzzer's bytes,
// or are those of an example of the manual. What any_tensor(), tensor_of() and the others give is
// said there; how an argument of an example is written, here.
import { firstDtype } from './grammar.mjs';

const MAKE = {
  tensor: (p) =>
    p.default === 'null' ? 'maybe_tensor(in)' : firstDtype(p.type) === 'string' ? 'any_strings(in)' : 'any_tensor(in)',
  list: () => 'any_list(in)',
  int: () => 'any_int(in)',
  float: () => 'any_float(in)',
  bool: () => 'any_byte(in) & 1',
  ints: (p) => (p.default === 'null' ? 'maybe_ints(in)' : 'any_ints(in)'),
  pad: () => 'any_pad(in)',
  text: () => 'any_text(in)',
  enum: (p, enums) => `(${p.ctype})(any_byte(in) % ${enums[p.ctype].length + 1})`,
};
const READ = {
  tensor: 'tensor_of',
  list: 'list_of',
  int: 'int_of',
  float: 'float_of',
  bool: 'int_of',
  ints: 'ints_as',
  pad: 'ints_as',
  text: 'text_as',
  enum: 'int_of',
};

// ---- arguments of examples, as text: - for none, numbers by commas, or a letter of the dtype, shape and elements by colons ----

const LETTER = { float32: 'f', int32: 'i', bool: 'b', complex64: 'c', string: 's' };
const quoted = (text) =>
  `"${text.replace(/[\\"]/g, '\\$&').replace(/[^ -~]/g, (c) => [...new TextEncoder().encode(c)].map((b) => `\\${b.toString(8).padStart(3, '0')}`).join(''))}"`;

function asTensor(tf, value, type) {
  if (value instanceof tf.Tensor) return value;
  const dtype = firstDtype(type);
  return dtype ? tf.tensor(value, undefined, dtype) : tf.tensor(value);
}

function tensorText(tf, value, type) {
  return tf.tidy(() => {
    const x = asTensor(tf, value, type);
    const parts = x.dtype === 'complex64' ? tf.stack([tf.real(x), tf.imag(x)], -1) : x;
    return `${LETTER[x.dtype]}:${x.shape}:${Array.from(parts.dataSync(), (v) => (typeof v === 'string' ? v : Number(v))).join(x.dtype === 'string' ? '\x1f' : ',')}`;
  });
}

const TEXT = {
  tensor: (tf, p, v) => tensorText(tf, v, p.type),
  list: (tf, p, v) => v.map((x) => tensorText(tf, x, p.type)).join(';'),
  int: (tf, p, v) => String(v),
  float: (tf, p, v) => String(Number(v)),
  bool: (tf, p, v) => String(Number(v)),
  text: (tf, p, v) => String(v),
  ints: (tf, p, v) => [v].flat(2).join(),
  pad: (tf, p, v) => (v === 'valid' ? '' : v === 'same' ? '-1' : [v].flat(2).join()),
};

/** An argument as the fuzzer reads it; what is not given is its default. */
export function argumentText(tf, p, value, enums) {
  const given = value === undefined && p.default !== undefined ? new Function(`return (${p.default});`)() : value;
  if (p.kind === 'enum') return quoted(String(given === null ? -1 : enums[p.ctype].indexOf(given)));
  return given === null || given === undefined ? '"-"' : quoted(TEXT[p.kind](tf, p, given));
}

// ---- the cases ----

function argument(op, p, i, enums) {
  if (p.kind === 'out') return `    Tensor *${p.name} = NULL;`;
  if (!MAKE[p.kind]) throw new Error(`the fuzzer cannot make a parameter of kind ${p.kind}`);
  const cast = p.kind === 'pad' ? '(const Pad *)' : p.kind === 'enum' ? `(${p.ctype})` : '';
  return (
    `    ${p.ctype}${p.ctype.endsWith('*') ? '' : ' '}${p.name} = (text = given(in, ${op.name}_examples, ${i})) ? ` +
    `${cast}${READ[p.kind]}(in, text) : ${MAKE[p.kind](p, enums)};`
  );
}

/** examples: by path of the op, a list of lists of arguments, as argumentText() gives them. */
export function fuzzCases({ ops, enums }, examples) {
  const lines = ['/* A call of every op; generated from src/ops and its examples, do not edit. */'];
  for (const op of ops) {
    const inputs = op.params.filter((p) => p.kind !== 'out'),
      all = examples[op.path];
    const args = op.params.map((p) => (p.kind === 'out' ? `&${p.name}` : p.name)).join(', ');
    const more = op.params.filter((p) => p.kind === 'out').map((p) => `    give_result(in, ${p.name});`);
    lines.push(
      `static const Example ${op.name}_examples[] = {`,
      ...all.map((list) => `    {${list.join(', ') || 'NULL'}},`),
      '};',
      `static void fuzz_${op.name}(Input *in) {`,
      ...(inputs.length ? ['    const char *text;'] : []),
      `    choose_example(in, ${all.length});`,
      ...op.params.map((p) => argument(op, p, inputs.indexOf(p), enums)),
      '    arguments_done(in);',
      op.list ? `    give_results(in, tn_${op.name}(${args}));` : `    give_result(in, tn_${op.name}(${args}));`,
      ...more,
      '}',
    );
  }
  lines.push(
    'static Case cases[] = {',
    ...ops.map((op) => `    {.name = "${op.name}", .call = fuzz_${op.name}},`),
    '};',
  );
  return lines.join('\n') + '\n';
}
