// Writes the C side: prototypes with their manual, included by tensorine.h.
const prototype = (op) => {
  const params = op.params.map((p) => `${p.ctype}${p.ctype.endsWith('*') ? '' : ' '}${p.name}`).join(', ');
  return `EXPORT ${op.list ? 'const List *' : 'Tensor *'}tn_${op.name}(${params || 'void'});`;
};

const line = (head, doc) => `**   ${head}${doc ? `   ${doc}` : ''}`;

export function header(ops) {
  const lines = [
    '/* One prototype per op; generated from src/ops, do not edit. */',
    '#ifndef OPS_GEN_H',
    '#define OPS_GEN_H',
  ];
  for (const op of ops) {
    lines.push('', `/* ${op.summary}`);
    for (const p of op.params)
      if (p.type) lines.push(line(`${p.name} : ${p.type.text}${p.default ? ` = ${p.default}` : ''}`, p.doc));
    for (const r of op.results) lines.push(line(`-> ${r.name} : ${r.type.text}`, r.doc));
    lines.push('*/', prototype(op));
  }
  return lines.concat('', '#endif', '').join('\n');
}
