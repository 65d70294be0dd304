// Writes the C side: prototypes with their manual, which tensorine.h includes for programs, and without it by family
// of ops, for the library's own files. There a changed manual or signature compiles anew only those that call the family.
const prototype = (op) => {
  const params = op.params.map((p) => `${p.ctype}${p.ctype.endsWith('*') ? '' : ' '}${p.name}`).join(', ');
  return `EXPORT ${op.list ? 'const List *' : 'Tensor *'}tn_${op.name}(${params || 'void'});`;
};

const line = (head, doc) => `**   ${head}${doc ? `   ${doc}` : ''}`;

function manual(op) {
  const lines = [`/* ${op.summary}`];
  for (const p of op.params)
    if (p.type) lines.push(line(`${p.name} : ${p.type.text}${p.default ? ` = ${p.default}` : ''}`, p.doc));
  for (const r of op.results) lines.push(line(`-> ${r.name} : ${r.type.text}`, r.doc));
  return [...lines, '*/'];
}

export function header(ops) {
  return [
    '/* One prototype per op; generated from src/ops, do not edit. */',
    '#ifndef OPS_GEN_H',
    '#define OPS_GEN_H',
    ...ops.flatMap((op) => ['', ...manual(op), prototype(op)]),
    '',
    '#endif',
    '',
  ].join('\n');
}

/** For each file of src/ops with ops the path and the text of the header that has its prototypes. */
export function familyHeaders(ops) {
  const families = new Map();
  for (const op of ops) families.set(op.file, [...(families.get(op.file) ?? []), op]);
  return [...families].map(([file, own]) => {
    const family = /(\w+)\.c$/.exec(file)[1],
      guard = `OPS_${family.toUpperCase()}_GEN_H`;
    const lines = [
      `/* What ${file} declares; generated, do not edit. */`,
      `#ifndef ${guard}`,
      `#define ${guard}`,
      '#include "tensorine.h"',
      '',
      ...own.map(prototype),
      '#endif',
      '',
    ];
    return [`ops/${family}.gen.h`, lines.join('\n')];
  });
}
