// Writes the JavaScript side of layers: a typed factory for each, by namespace.
const said = ({ type, doc }) => `${type.text}${doc ? `: ${doc}` : ''}`;
const DOC = (d, fields = []) =>
  [
    '/**',
    ` * ${d.summary}`,
    ...(d.remarks ?? []).map((r) => ` * ${r}`),
    ...fields.map((f) => ` * @param ${f.name} ${f.doc}`),
    ...(d.results?.length ? [` * @returns ${d.results.map(said).join('; ')}`] : []),
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
/** Of some JavaScript takes more than C: several layers for one, a schedule for a number. */
function tsType(f) {
  if (f.choices) return union(f.choices);
  if (f.schedule) return 'Rate';
  return f.several ? 'Layer | Layer[]' : TYPES[f.kind];
}
const optional = (f) => f.initial !== null;

function member(f) {
  const initial = f.default === undefined || f.default === 'null' ? '' : ` Default: ${f.default}.`;
  return (
    `  /** ${sentence(f)}.${initial} */\n` +
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

/** Fields that are the optimizer's own, not those of all; the rate is in the base class. */
const own = (d) => d.fields.filter((f) => !f.group);
const capital = (name) => name[0].toUpperCase() + name.slice(1);
const groupNames = (d) => [...new Set(d.fields.map((f) => f.group).filter(Boolean))];
/** The type of its last argument: what all take, and what some do. */
const extrasType = (d) =>
  groupNames(d)
    .map((g) => (g === 'extras' ? 'OptimizerExtras' : `${capital(g)}Extras`))
    .join(' & ');

const given = (f) => `${f.name}${optional(f) ? '?' : ''}: ${tsType(f)}${optional(f) ? ' | null' : ''}`;
const sentence = (f) => f.doc[0].toUpperCase() + f.doc.slice(1);

const accessor = (f) => `
  /** ${sentence(f)}. */
  get ${f.name}(): ${tsType(f)} { return this._get('${f.name}') as ${tsType(f)}; }
  set ${f.name}(value: ${tsType(f)}) { this._set('${f.name}', value); }`;

const setter = (f) => `
  /** ${sentence(f)}, from the next step on. */
  set${capital(f.name)}(${f.name}: ${tsType(f)}): void { this._set('${f.name}', ${f.name}); }`;

/** What the constructor hands up; a class that others extend is also given their making. */
function making(d, names, extended) {
  const made = `new Making('${d.name}', { ${names}, ...extras })`;
  if (!extended) return `super(${made}${d.extends ? ' as never' : ''});`;
  const first = own(d)[0].name;
  return `const given: unknown = ${first}; // of a subclass: its making\n    super(given instanceof Making ? given : ${made});`;
}

/** A class of optimizers: tf.AdamOptimizer. A rate that may be a schedule is in the base class. */
function optimizerClass(d, all) {
  const fields = own(d),
    names = fields.map((f) => f.name).join(', '),
    above = all.find((other) => other.name === d.extends),
    modifier = above ? ' override' : '';
  const params = [...fields.map(given), `extras?: ${extrasType(d)}`].join(', ');
  const members = [
    ...fields.filter((f) => !f.schedule).map(accessor),
    ...fields.filter((f) => f.name === d.setter).map(setter),
  ];
  return `${DOC(d, fields)}
export class ${d.className}Optimizer extends ${above ? `${above.className}Optimizer` : 'Optimizer'} {
  static${modifier} get className(): string { return '${d.className}'; }
  constructor(${params}) {
    ${making(
      d,
      names,
      all.some((other) => other.extends === d.name),
    )}
  }${members.join('')}
  static${modifier} fromConfig<T>(cls: new (...args: any[]) => T, config: any): T {
    const { ${names}, ...extras } = configFor(cls, config);
    return new cls(${names}, extras);
  }
}`;
}

function optimizerFactory(d) {
  return (
    `${DOC(d, own(d))}\nexport function ${d.name}(${[...own(d).map(given), `extras?: ${extrasType(d)}`].join(', ')}): ${d.className}Optimizer {\n` +
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
      ...found.optimizer.map((d) => optimizerClass(d, found.optimizer)),
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
