// Writes the C side of layers: a struct for each config, the tables that read them, the registries.
const CTYPES = {
  int: 'int ',
  float: 'double ',
  bool: 'bool ',
  ints: 'const Ints *',
  floats: 'const Floats *',
  shape: 'const Ints *',
  sides: 'Sides ',
  string: 'const char *',
  seed: 'const char *',
  dtype: 'DType ',
  activation: 'const Activation *',
  initializer: 'const Initializer *',
  regularizer: 'const Regularizer *',
  constraint: 'const Constraint *',
  layer: 'Layer *',
  layers: 'const Layers *',
  values: 'const cJSON *',
};
const DTYPES = ['float32', 'int32', 'bool', 'complex64', 'string'];
const member = (f) => `${f.kind === 'enum' ? `${f.ctype} ` : CTYPES[f.kind]}${f.name};`;
const quote = (text) => JSON.stringify(text);
const PARTS = ['initializer', 'regularizer', 'constraint'];

function members(fields) {
  const lines = [];
  for (let i = 0; i < fields.length; i++) {
    const { group } = fields[i];
    if (!group) {
      lines.push(`    ${member(fields[i])}`);
      continue;
    }
    let end = i;
    while (fields[end]?.group === group) end++;
    const inside = fields.slice(i, end).map(member).join(' ');
    lines.push(`    union { ${group[0].toUpperCase()}${group.slice(1)}Config ${group}; struct { ${inside} }; };`);
    i = end - 1;
  }
  return lines;
}

const struct = (d) =>
  [`typedef struct ${d.className}Config {`, ...members(d.fields), `} ${d.className}Config;`].join('\n');

function blocks(found) {
  return [
    ...found.groups.values(),
    ...found.layer,
    ...PARTS.flatMap((kind) => found[kind].map((d) => ({ ...d, part: true }))),
    ...found.optimizer,
    ...found.schedule,
    ...found.metric_class,
  ];
}

export function layersHeader(found) {
  const all = blocks(found);
  return [
    '/* A struct for each config; generated from src/nn and src/training, do not edit. */',
    '#ifndef LAYERS_GEN_H',
    '#define LAYERS_GEN_H',
    '',
    `enum { LAYER_CLASSES = ${found.layer.length} };`,
    ...all.filter((d) => d.fields.length).flatMap((d) => ['', struct(d)]),
    '',
    ...all.map((d) => `extern const Schema ${schema(d)};`),
    '',
    '#endif',
    '',
  ].join('\n');
}

/** A part and an optimizer, a layer and an activation may have one name: the class tells. */
const schema = (d) => `${d.name}${d.part ? '_part' : ''}_schema`;

function fieldRow(d, f) {
  const least = f.kind === 'shape' ? 0 : (f.least ?? 'NONE');
  const choices = f.kind === 'enum' ? `${f.ctype}_choices` : f.kind === 'dtype' ? 'dtype_choices' : 'NULL';
  const parts = [
    quote(f.name),
    `FIELD_${f.kind.toUpperCase()}`,
    `offsetof(${d.className}Config, ${f.name})`,
    f.initial === null ? 'NULL' : quote(f.initial),
    least,
    f.most ?? 'NONE',
    f.count ?? 0,
    choices,
    Boolean(f.nullable),
  ];
  return `    {${parts.join(', ')}},`;
}

function table(d) {
  const size = d.fields.length ? `sizeof(${d.className}Config)` : '1';
  const list = `${schema(d)}_fields`,
    fields = d.fields.length ? [`static const Field ${list}[] = {`, ...d.fields.map((f) => fieldRow(d, f)), '};'] : [];
  return [
    ...fields,
    `const Schema ${schema(d)} = {${quote(d.name)}, ${quote(d.className)}, ` +
      `${d.fields.length ? list : 'NULL'}, ${d.fields.length}, (int)${size}};`,
  ].join('\n');
}

const registry = (type, name, list, suffix) =>
  `${list.map((d) => `extern const ${type} ${d.name}_${suffix};\n`).join('')}const ${type} *const ${name}[] = {${list.map((d) => `&${d.name}_${suffix}, `).join('')}NULL};`;

export function layersTables(found) {
  const enums = new Map();
  for (const d of blocks(found)) for (const f of d.fields) if (f.kind === 'enum') enums.set(f.ctype, f.choices);
  const choices = [...enums, ['dtype', DTYPES]].map(
    ([name, list]) => `static const char *const ${name}_choices[] = {${list.map(quote).join(', ')}, NULL};`,
  );
  return [
    '/* The tables that read configs, and who there is; generated from src/nn and src/training, do not edit. */',
    '#include "nn/core/layer.h"',
    '#include "training/trainer.h"',
    '#include <stddef.h>',
    '',
    ...choices,
    '',
    ...blocks(found).map(table),
    '',
    registry('LayerClass', 'all_layers', found.layer, 'layer'),
    registry('Activation', 'all_activations', found.activation, 'activation'),
    ...PARTS.map((kind) => registry('PartClass', `all_${kind}s`, found[kind], 'part')),
    registry('ScheduleClass', 'all_schedules', found.schedule, 'schedule'),
    registry('MetricClass', 'all_metric_classes', found.metric_class, 'metric_class'),
    registry('OptimizerClass', 'all_optimizers', found.optimizer, 'optimizer'),
    registry('MetricFunction', 'all_metric_functions', [...found.loss, ...found.metric], 'function'),
    '',
  ].join('\n');
}
