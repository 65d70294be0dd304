// Writes the JavaScript side of layers: a typed factory for each, by namespace.
const DOC = (d, fields = []) => ['/**', ` * ${d.summary}`, ...(d.remarks ?? []).map((r) => ` * ${r}`),
  ...fields.map((f) => ` * @param ${f.name} ${f.doc}`),
  ...(d.results?.length ? [` * @returns ${d.results.map((r) => r.doc).join('; ')}`] : []),
  ...(d.examples ?? []).map((e) => ` * @example ${e.code} // ${e.result}`), ' */'].join('\n').replace(/\*\/(?=.)/g, '* /');
const union = (choices) => choices.map((c) => `'${c}'`).join(' | ');

const TYPES = {
  int: 'number', float: 'number', bool: 'boolean', ints: 'number | number[]', shape: '(number | null)[]',
  sides: 'number | [number, number] | [[number, number], [number, number]]', string: 'string', seed: 'number | string',
  dtype: 'DataType', activation: 'ActivationIdentifier', initializer: 'InitializerIdentifier | Initializer',
  regularizer: 'RegularizerIdentifier | Regularizer', constraint: 'ConstraintIdentifier | Constraint', layer: 'Layer',
};
const tsType = (f) => (f.choices ? union(f.choices) : TYPES[f.kind]);
const optional = (f) => f.initial !== null;

function member(f) {
  const initial = f.default === undefined || f.default === 'null' ? '' : ` Default: ${f.default}.`;
  return `  /** ${f.doc[0].toUpperCase()}${f.doc.slice(1)}.${initial} */\n` +
    `  ${f.name}${optional(f) ? '?' : ''}: ${tsType(f)}${f.default === 'null' || (f.choices && f.count) ? ' | null' : ''};`;
}

const HEAD = (what) => `// ${what}; generated from src/layers and src/train, do not edit.`;
const identifiers = (list) => union(list.flatMap((d) => [d.name, ...(d.className && d.className !== d.name ? [d.className] : [])]));

function types(found) {
  return [
    `export type ActivationIdentifier = ${identifiers(found.activation)};`,
    `export type InitializerIdentifier = ${identifiers(found.initializer)};`,
    `export type RegularizerIdentifier = ${identifiers(found.regularizer)};`,
    `export type ConstraintIdentifier = ${identifiers(found.constraint)};`,
  ];
}

const argsName = (d) => `${d.className}LayerArgs`;

function layer(d) {
  const args = d.fields.length ? argsName(d) : 'LayerArgs', none = d.fields.every(optional);
  return [
    ...(d.fields.length ? [`export interface ${args} extends LayerArgs {\n${d.fields.map(member).join('\n')}\n}`] : []),
    `${DOC(d)}\nexport function ${d.name}(args${none ? '?' : ''}: ${args}): Layer {\n  return makeLayer('${d.className}', args);\n}`,
    ...d.also.map((other) => `/** Another name of ${d.name}. */\nexport const ${other} = ${d.name};`),
  ];
}

export function layerFactories(found) {
  const base = found.groups.get('layer');
  return [
    HEAD('A function for each layer'),
    "import type { DataType, TensorLike } from '../core/tensor';",
    "import { makeLayer, type Layer } from '../models/layer';",
    "import type { Constraint, Initializer, Regularizer } from '../models/parts';",
    ...types(found),
    `/** ${base.summary} */\nexport interface LayerArgs {\n${base.fields.map(member).join('\n')}\n` +
      '  /** First values of the weights, in their order. */\n  weights?: TensorLike[];\n}',
    ...found.layer.flatMap(layer),
  ].join('\n\n') + '\n';
}

/** Initializers, regularizers, constraints. */
export function partFactories(found, kind) {
  const Class = kind[0].toUpperCase() + kind.slice(1);
  const one = (d) => {
    const none = d.fields.every(optional);
    const args = d.fields.length ? `args: {\n${d.fields.map(member).join('\n')}\n}${none ? ' = {}' : ''}` : '';
    return `${DOC(d)}\nexport function ${d.name}(${args}): ${Class} {\n` +
      `  return new ${Class}('${d.className}', ${args ? 'args' : '{}'});\n}`;
  };
  return [HEAD(`tf.${kind}s`), `import { ${Class} } from '../models/parts';`, ...found[kind].map(one)].join('\n\n') + '\n';
}

export function optimizerFactories(found) {
  const param = (f) => (optional(f) ? `${f.name}?: ${tsType(f)} | null` : `${f.name}: ${tsType(f)}`);
  const one = (d) => `${DOC(d, d.fields)}\nexport function ${d.name}(${d.fields.map(param).join(', ')}): Optimizer {\n` +
    `  return makeOptimizer('${d.name}', { ${d.fields.map((f) => f.name).join(', ')} });\n}`;
  return [HEAD('tf.train'), "import { makeOptimizer, type Optimizer } from '../models/optimizer';",
    ...found.optimizer.map(one)].join('\n\n') + '\n';
}

export function metricFunctions(found) {
  const one = (d) => [`${DOC(d)}\nexport const ${d.name} = metric('${d.name}');`,
    ...d.also.map((other) => `/** Another name of ${d.name}. */\nexport const ${other} = ${d.name};`)];
  return [HEAD('tf.metrics'), "import { metric } from '../models/functions';",
    ...[...found.loss, ...found.metric].flatMap(one)].join('\n\n') + '\n';
}
