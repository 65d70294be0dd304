// Writes one call of every op with arguments read from the fuzzer's bytes; tests/fuzz/fuzz_ops.c
// includes it and says what any_tensor() and the others give.
const LOCAL = {
  tensor: (p) => `Tensor *${p.name} = ${p.default === 'null' ? 'maybe_tensor' : /^string\b/.test(p.doc) ? 'any_texts' : 'any_tensor'}(in);`,
  list: (p) => `const List *${p.name} = any_list(in);`,
  int: (p) => `int ${p.name} = any_int(in);`,
  float: (p) => `float ${p.name} = any_float(in);`,
  bool: (p) => `bool ${p.name} = any_byte(in) & 1;`,
  ints: (p) => `const Ints *${p.name} = ${p.default === 'null' ? 'maybe_ints' : 'any_ints'}(in);`,
  pad: (p) => `const Pad *${p.name} = any_pad(in);`,
  text: (p) => `const char *${p.name} = any_text(in);`,
  out: (p) => `Tensor *${p.name} = NULL;`,
};

function local(p, enums) {
  if (p.kind === 'enum') return `${p.ctype} ${p.name} = (${p.ctype})(any_byte(in) % ${enums[p.ctype].length + 1});`;
  const make = LOCAL[p.kind];
  if (!make) throw new Error(`the fuzzer cannot make a parameter of kind ${p.kind}`);
  return make(p);
}

export function fuzzCases({ ops, enums }) {
  const lines = ['/* A call of every op; generated from src/ops, do not edit. */'];
  for (const op of ops) {
    const args = op.params.map((p) => (p.kind === 'out' ? `&${p.name}` : p.name)).join(', ');
    const more = op.params.filter((p) => p.kind === 'out').map((p) => `    give_result(in, ${p.name});`);
    lines.push(
      `static void fuzz_${op.name}(Input *in) {`,
      ...op.params.map((p) => `    ${local(p, enums)}`),
      '    arguments_done(in);',
      op.list ? `    give_results(in, tn_${op.name}(${args}));` : `    give_result(in, tn_${op.name}(${args}));`,
      ...more, '}');
  }
  lines.push('static const Case cases[] = {', ...ops.map((op) => `    {"${op.name}", fuzz_${op.name}},`), '};');
  return lines.join('\n') + '\n';
}
