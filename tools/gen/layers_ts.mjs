// Writes the JavaScript side of layers: a typed factory for each, by namespace.
const DOC = (d, fields = []) =>
  [
    '/**',
    ` * ${d.summary}`,
    ...(d.remarks ?? []).map((r) => ` * ${r}`),
    ...fields.map((f) => ` * @param ${f.name} ${f.doc}`),
    ...(d.results?.length ? [` * @returns ${d.results.map((r) => r.doc).join('; ')}`] : []),
    ...(d.examples ?? []).map((e) => ` * @example ${e.code} // ${e.result}`),
    ' */',
  ]
    .join('\n')
    .replace(/\*\/(?=.)/g, '* /');
const union = (choices) => choices.map((c) => `'${c}'`).join(' | ');

const TYPES = {
  int: 'number',
  float: 'number',
  floats: 'number | number[] | number[][]',
  bool: 'boolean',
  ints: 'number | number[]',
  shape: '(number | null)[]',
  sides: 'number | [number, number] | [[number, number], [number, number]]',
  string: 'string',
  seed: 'number | string',
  dtype: 'DataType',
  activation: 'ActivationIdentifier',
  initializer: 'InitializerIdentifier | Initializer',
  regularizer: 'RegularizerIdentifier | Regularizer',
  constraint: 'ConstraintIdentifier | Constraint',
  layer: 'Layer',
  layers: 'Layer[]',
  values: '(string | number)[]',
};
/** An rnn's cell may be several, one upon the other. */
const tsType = (f) => (f.choices ? union(f.choices) : f.name === 'cell' ? 'Layer | Layer[]' : TYPES[f.kind]);
const optional = (f) => f.initial !== null;

function member(f) {
  const initial = f.default === undefined || f.default === 'null' ? '' : ` Default: ${f.default}.`;
  return (
    `  /** ${f.doc[0].toUpperCase()}${f.doc.slice(1)}.${initial} */\n` +
    `  ${f.name}${optional(f) ? '?' : ''}: ${tsType(f)}${f.default === 'null' || f.nullable ? ' | null' : ''};`
  );
}

const HEAD = (what) => `// ${what}; generated from src/nn and src/training, do not edit.`;
const identifiers = (list) =>
  union(
    list.flatMap((d) => [d.name, ...(d.also ?? []), ...(d.className && d.className !== d.name ? [d.className] : [])]),
  );

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
  const args = d.fields.length ? argsName(d) : 'LayerArgs',
    none = d.fields.every(optional);
  return [
    ...(d.fields.length ? [`export interface ${args} extends LayerArgs {\n${d.fields.map(member).join('\n')}\n}`] : []),
    `${DOC(d)}\nexport function ${d.name}(args${none ? '?' : ''}: ${args}): Layer {\n  return makeLayer('${d.className}', args);\n}`,
    ...d.also.map((other) => `/** Another name of ${d.name}. */\nexport const ${other} = ${d.name};`),
  ];
}

export function layerFactories(found) {
  const base = found.groups.get('layer');
  return (
    [
      HEAD('A function for each layer'),
      "import type { DataType, TensorLike } from '../../core/tensor';",
      "import type { Layer } from '../../nn/layer';",
      "import { makeLayer } from '../../nn/make';",
      "import type { Constraint, Initializer, Regularizer } from '../../nn/parts';",
      ...types(found),
      `/** ${base.summary} */\nexport interface LayerArgs {\n${base.fields.map(member).join('\n')}\n` +
        '  /** First values of the weights, in their order. */\n  weights?: TensorLike[];\n}',
      ...found.layer.flatMap(layer),
    ].join('\n\n') + '\n'
  );
}

/** Initializers, regularizers, constraints, schedules. */
export function partFactories(found, kind, file = 'nn/parts') {
  const Class = kind[0].toUpperCase() + kind.slice(1);
  const one = (d) => {
    const none = d.fields.every(optional);
    const args = d.fields.length ? `args: {\n${d.fields.map(member).join('\n')}\n}${none ? ' = {}' : ''}` : '';
    return (
      `${DOC(d)}\nexport function ${d.name}(${args}): ${Class} {\n` +
      `  return new ${Class}('${d.className}', ${args ? 'args' : '{}'});\n}`
    );
  };
  return (
    [HEAD(`tf.${kind}s`), `import { ${Class} } from '../../${file}';`, ...found[kind].map(one)].join('\n\n') + '\n'
  );
}

const MOMENTUM = `
  /** How much of the last step's direction stays, from the next step on. */
  setMomentum(momentum: number): void { this._set('momentum', momentum); }`;

/** Fields that are the optimizer's own, not those of all; the rate is in the base class. */
const own = (d) => d.fields.filter((f) => !f.group);
const capital = (name) => name[0].toUpperCase() + name.slice(1);
const groupNames = (d) => [...new Set(d.fields.map((f) => f.group).filter(Boolean))];
/** The type of its last argument: what all take, and what some do. */
const extrasType = (d) =>
  groupNames(d)
    .map((g) => (g === 'extras' ? 'OptimizerExtras' : `${capital(g)}Extras`))
    .join(' & ');

/** A class of optimizers: tf.AdamOptimizer. */
function optimizerClass(d) {
  const fields = own(d).filter((f) => f.name !== 'learningRate');
  const rate = optional(own(d)[0]) ? 'learningRate?: Rate | null' : 'learningRate: Rate';
  const params = [
    rate,
    ...fields.map((f) => (optional(f) ? `${f.name}?: ${tsType(f)} | null` : `${f.name}: ${tsType(f)}`)),
    `extras?: ${extrasType(d)}`,
  ];
  const names = own(d)
      .map((f) => f.name)
      .join(', '),
    base = d.name === 'momentum' ? 'SGDOptimizer' : 'Optimizer';
  const accessor = (f) => `
  /** ${f.doc[0].toUpperCase()}${f.doc.slice(1)}. */
  get ${f.name}(): ${tsType(f)} { return this._get('${f.name}') as ${tsType(f)}; }
  set ${f.name}(value: ${tsType(f)}) { this._set('${f.name}', value); }`;
  return `${DOC(d, own(d))}
export class ${d.className}Optimizer extends ${base} {
  static${base === 'Optimizer' ? '' : ' override'} get className(): string { return '${d.className}'; }
${
  d.name === 'sgd'
    ? `  constructor(learningRate?: Rate | null, extras?: OptimizerExtras) {\n    const given: unknown = learningRate; // of a subclass: its making\n    super(given instanceof Making ? given : new Making('sgd', { learningRate, ...extras }));\n  }`
    : `  constructor(${params.join(', ')}) {\n    super(new Making('${d.name}', { ${names}, ...extras })${base === 'Optimizer' ? '' : ' as never'});\n  }`
}${fields.map(accessor).join('')}${d.name === 'momentum' ? MOMENTUM : ''}
  static${base === 'Optimizer' ? '' : ' override'} fromConfig<T>(cls: new (...args: any[]) => T, config: any): T {
    const { ${names}, ...extras } = configFor(cls, config);
    return new cls(${names}, extras);
  }
}`;
}

function optimizerFactory(d) {
  const param = (f) =>
    f.name === 'learningRate'
      ? `learningRate${optional(f) ? '?' : ''}: Rate${optional(f) ? ' | null' : ''}`
      : optional(f)
        ? `${f.name}?: ${tsType(f)} | null`
        : `${f.name}: ${tsType(f)}`;
  return (
    `${DOC(d, own(d))}\nexport function ${d.name}(${[...own(d).map(param), `extras?: ${extrasType(d)}`].join(', ')}): ${d.className}Optimizer {\n` +
    `  return new ${d.className}Optimizer(${[...own(d).map((f) => f.name), 'extras'].join(', ')});\n}`
  );
}

/** Optimizers' classes: tf.SGDOptimizer. */
export function optimizerClasses(found) {
  const groups = [...new Set(found.optimizer.flatMap(groupNames))].map((name) => found.groups.get(name));
  return (
    [
      HEAD('Classes of optimizers'),
      "import { camelKeys, configFor, Making, Optimizer, type Rate } from '../../training/optimizer';",
      ...groups.map(
        (g) =>
          `/** ${g.summary} */\nexport interface ${g.name === 'extras' ? 'OptimizerExtras' : `${capital(g.name)}Extras`} {\n${g.fields.map(member).join('\n')}\n}`,
      ),
      ...found.optimizer.map(optimizerClass),
    ].join('\n\n') + '\n'
  );
}

/** tf.train: a function for each optimizer. */
export function optimizerFactories(found) {
  const names = found.optimizer.map((d) => d.name),
    classes = found.optimizer.map((d) => `${d.className}Optimizer`);
  return (
    [
      HEAD('tf.train'),
      `import { ${classes.join(', ')}, ${[...new Set(found.optimizer.flatMap((d) => extrasType(d).split(' & ')))].map((t) => `type ${t}`).join(', ')} } from './optimizers';\nimport type { Rate } from '../../training/optimizer';`,
      ...found.optimizer.map(optimizerFactory),
      `/** The functions of tf.train as a class. */\nexport class OptimizerConstructors {\n${names.map((n) => `  static ${n} = ${n};`).join('\n')}\n}`,
    ].join('\n\n') + '\n'
  );
}

/** Metrics that add up over batches: tf.metrics.AUC; of those that do not, means: tf.metrics.Hinge. */
export function metricClasses(found) {
  const base = (d) => (groupNames(d).includes('values') ? 'ValueMetric' : 'Metric');
  const one = (d) =>
    `${DOC(d)}\nexport class ${d.className} extends ${base(d)} {\n  static readonly className = '${d.className}';\n` +
    `  constructor(args${d.fields.every(optional) ? '?' : ''}: {\n${d.fields.map(member).join('\n')}\n  }) { super('${d.name}', args ?? {}); }\n}`;
  const counted = new Set(found.metric_class.map((d) => d.name));
  const mean = (d) =>
    `/** The mean of tf.metrics.${d.name} over all examples. */\nexport class ${capital(d.name)} extends Metric {\n` +
    `  static readonly className = '${capital(d.name)}';\n  constructor(args?: { name?: string | null }) { super('${d.name}', args ?? {}); }\n}`;
  const means = [...found.loss, ...found.metric].filter((d) => !counted.has(d.name));
  return (
    [
      HEAD('Metrics that add up over batches'),
      "import { Metric, ValueMetric } from '../../training/metric';",
      ...found.metric_class.map(one),
      ...means.map(mean),
    ].join('\n\n') + '\n'
  );
}

export function metricFunctions(found) {
  const one = (d) => [
    `${DOC(d)}\nexport const ${d.name} = metric('${d.name}');`,
    ...d.also.map(
      (other) =>
        `/** ${d.name} under another name, which is the one reported. */\nexport const ${other} = metric('${other}');`,
    ),
  ];
  return (
    [
      HEAD('tf.metrics'),
      "import { metric } from '../../training/loss_functions';",
      ...[...found.loss, ...found.metric].flatMap(one),
    ].join('\n\n') + '\n'
  );
}
