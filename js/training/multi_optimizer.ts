// Optimizers made of others, as Keras has them: each variable by an optimizer of its own, and steps that
// are left out where gradients overflow.
import { TensorineError } from '../wasm/errors';
import { options } from '../core/calls';
import { describe } from '../core/returned';
import { tidy } from '../core/scopes';
import type { Tensor } from '../core/tensor';
import { allVariables, type Variable } from '../core/variable';
import { want } from '../core/want';
import { isFinite as finite } from '../generated/ops/ops';
import type { NamedTensor, NamedTensorMap } from '../io/types';
import { Layer } from '../nn/layer';
import { camelKeys, namedGradients, Optimizer } from './optimizer';
import { addOptimizerClass, optimizerFromFile } from './optimizers';

/** Which variables: a pattern that their names begin with, those of a layer, variables, or a function that says. */
export type VariableIdentifier = string | RegExp | Layer | Variable | Variable[] | ((variable: Variable) => boolean);

function startsWith(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})`);
  } catch (error) {
    throw new TensorineError(
      'value',
      `OptimizerMap: the identifier '${pattern}' is no pattern: ${(error as Error).message}`,
    );
  }
}

function matches(identifier: VariableIdentifier, variable: Variable): boolean {
  if (typeof identifier === 'function') return Boolean(identifier(variable));
  if (typeof identifier === 'string') return startsWith(identifier).test(variable.name);
  if (identifier instanceof RegExp) return identifier.test(variable.name);
  if (identifier instanceof Layer) return (identifier.weights as unknown[]).includes(variable);
  return [identifier].flat().includes(variable);
}

// ---- in files: what stands for an identifier, and for an optimizer ----

interface SavedOptimizer {
  className: string;
  config: object;
}
type SavedIdentifier = string | { pattern: string; flags: string };

const escaped = (name: string) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** A layer's or variable's name as it may stand in another program. */
const named = (name: string) => `(?:.*/)?${escaped(name)}`;
/** There a variable may be the second of its name. */
function variableNamed(variable: Variable & { originalName?: string }): string {
  want('OptimizerMap', { identifiers: [variable] }, 'variables');
  return `${named(variable.originalName ?? variable.name)}(?:_\\d+)?$`;
}

function savedIdentifier(identifier: VariableIdentifier): SavedIdentifier {
  if (typeof identifier === 'string') return identifier;
  if (identifier instanceof RegExp) return { pattern: identifier.source, flags: identifier.flags };
  if (identifier instanceof Layer) return `${named(identifier.name)}/`;
  if (typeof identifier === 'function')
    throw new TensorineError(
      'value',
      'MultiOptimizer: a function that says which variables go by an optimizer cannot be saved: give a pattern or layers',
    );
  return [identifier].flat().map(variableNamed).join('|');
}

const fromSaved = (saved: SavedIdentifier): VariableIdentifier =>
  typeof saved === 'string' ? saved : new RegExp(saved.pattern, saved.flags);
const savedOptimizer = (o: Optimizer): SavedOptimizer => ({ className: o.getClassName(), config: o.getConfig() });

function wantConfig(who: string, cls: unknown, config: unknown): void {
  want(`${who}.fromConfig`, { cls }, 'class');
  want(`${who}.fromConfig`, { config }, 'object');
}

function madeOptimizer(saved: unknown): Optimizer {
  const { className, config } = camelKeys((saved ?? {}) as object) as SavedOptimizer;
  if (typeof className !== 'string')
    throw new TensorineError('file', `MultiOptimizer: an optimizer must have a className, but is ${describe(saved)}`);
  return optimizerFromFile(className, config ?? {});
}

const wantOptimizer = (given: unknown, who: string): Optimizer => {
  if (given instanceof Optimizer) return given;
  throw new TensorineError('value', `${who} must be an optimizer, but got ${describe(given)}`);
};

/**
 * Says by which optimizer a variable goes, for MultiOptimizer: the one whose identifier, in the same place,
 * fits it; a pattern is matched from the start of the variable's name.
 * @example new tf.OptimizerMap([tf.train.sgd(0.1)], ['dense/.*']).of({ name: 'dense/kernel' }).learningRate // 0.1
 */
export class OptimizerMap {
  constructor(
    readonly optimizers: Optimizer[],
    readonly identifiers: VariableIdentifier[],
  ) {
    want('OptimizerMap', { optimizers, identifiers }, 'array');
    if (optimizers.length !== identifiers.length)
      throw new TensorineError(
        'value',
        `OptimizerMap: ${optimizers.length} optimizers, but ${identifiers.length} identifiers`,
      );
    optimizers.forEach((o, i) => wantOptimizer(o, `OptimizerMap: optimizers[${i}]`));
  }

  /** null: none is named. */
  of(variable: { name: string }): Optimizer | null {
    want('OptimizerMap', { variable }, 'object');
    want('OptimizerMap', { name: variable.name }, 'string');
    const found = new Set(this.optimizers.filter((_, i) => matches(this.identifiers[i], variable as Variable)));
    if (found.size > 1)
      throw new TensorineError('value', `OptimizerMap: '${variable.name}' goes by ${found.size} optimizers`);
    return [...found][0] ?? null;
  }
}

/**
 * Hands each variable to the optimizer that a map names for it, or else to the default.
 * @example new tf.MultiOptimizer(new tf.OptimizerMap([tf.train.sgd(0.1)], ['dense/']), tf.train.adam()).optimizers.length // 2
 */
export class MultiOptimizer extends Optimizer {
  static className = 'MultiOptimizer';
  /** Those of the map, each once, then the default. */
  readonly optimizers: Optimizer[];

  constructor(
    private readonly map: OptimizerMap,
    private readonly defaultOptimizer: Optimizer,
  ) {
    super();
    if (!(map instanceof OptimizerMap))
      throw new TensorineError('value', `MultiOptimizer: map must be an OptimizerMap, but got ${describe(map)}`);
    wantOptimizer(defaultOptimizer, 'MultiOptimizer: defaultOptimizer');
    this.optimizers = [...new Set([...map.optimizers.filter((o) => o !== defaultOptimizer), defaultOptimizer])];
  }

  override get learningRate(): number {
    return this.optimizers[0].learningRate;
  }
  override set learningRate(rate: number) {
    this.optimizers[0].learningRate = rate;
  }
  override setLearningRate(rate: number): void {
    this.learningRate = rate;
  }

  override applyGradients(variableGradients: NamedTensorMap | NamedTensor[]): void {
    const all = new Map(allVariables().map((v) => [v.name, v])),
      mine = new Map<Optimizer, NamedTensor[]>();
    for (const one of namedGradients(variableGradients)) {
      const variable = all.get(one.name),
        optimizer = (variable && this.map.of(variable)) ?? this.defaultOptimizer;
      mine.set(optimizer, [...(mine.get(optimizer) ?? []), one]);
    }
    for (const [optimizer, gradients] of mine) optimizer.applyGradients(gradients);
  }

  override finalizeVariableValues(): void {
    for (const o of this.optimizers) o.finalizeVariableValues();
  }
  override swapToEval(): void {
    for (const o of this.optimizers) o.swapToEval();
  }
  override swapToTrain(): void {
    for (const o of this.optimizers) o.swapToTrain();
  }

  /** The number of steps, then the states of each optimizer, its place in front of their names. */
  override async getWeights(): Promise<NamedTensor[]> {
    const states = await Promise.all(
      this.optimizers.map(async (o, i) =>
        (await o.getWeights()).map(({ name, tensor }) => ({ name: `${i}/${name}`, tensor })),
      ),
    );
    return [await this.saveIterations(), ...states.flat()];
  }

  override async setWeights(weightValues: NamedTensor[]): Promise<void> {
    const states = await this.extractIterations(weightValues);
    for (const [i, optimizer] of this.optimizers.entries()) {
      const own = states.filter(({ name }) => name.startsWith(`${i}/`));
      if (own.length)
        await optimizer.setWeights(own.map(({ name, tensor }) => ({ name: name.slice(`${i}/`.length), tensor })));
    }
  }

  override dispose(): void {
    super.dispose();
    for (const o of this.optimizers) o.dispose();
  }

  override getConfig(): Record<string, any> {
    return {
      optimizers: this.map.optimizers.map(savedOptimizer),
      identifiers: this.map.identifiers.map(savedIdentifier),
      defaultOptimizer: savedOptimizer(this.defaultOptimizer),
    };
  }

  /** From what getConfig() gave, or Keras's {optimMap: {config: {defaultOptimizer, optimizerMap: {pattern: ...}}}}. */
  static override fromConfig<T>(cls: new (...args: any[]) => T, config: any): T {
    wantConfig('MultiOptimizer', cls, config);
    const { optimMap, optimizers = [], identifiers = [], defaultOptimizer } = camelKeys(config);
    want('MultiOptimizer', { optimizers, identifiers }, 'array');
    if (!optimMap)
      return new cls(
        new OptimizerMap(optimizers.map(madeOptimizer), identifiers.map(fromSaved)),
        madeOptimizer(defaultOptimizer),
      );
    const keras = camelKeys(optimMap.config ?? {}),
      map = Object.entries(keras.optimizerMap ?? {});
    // Keras's patterns are for whole names.
    return new cls(
      new OptimizerMap(
        map.map(([, o]) => madeOptimizer(o)),
        map.map(([pattern]) => `(?:${pattern})(?:_\\d+)?$`),
      ),
      madeOptimizer(keras.defaultOptimizer),
    );
  }
}

export interface LossScaleArgs {
  /** Where the scale begins; default 32768. */
  initialScale?: number;
  /** After so many steps without overflow the scale is doubled; default 2000. */
  dynamicGrowthSteps?: number;
}

/**
 * Leaves out steps whose gradients are not finite, and keeps count of Keras's scale: halved by such a step,
 * doubled after many good ones. Gradients are float32 here, so the loss itself need not be scaled.
 * @example new tf.LossScaleOptimizer(tf.train.sgd(0.1)).dynamicScale // 32768
 */
export class LossScaleOptimizer extends Optimizer {
  static className = 'LossScaleOptimizer';
  dynamicScale: number;
  private good = 0;
  private readonly args: LossScaleArgs;

  constructor(
    readonly innerOptimizer: Optimizer,
    args: LossScaleArgs | null = {},
  ) {
    super();
    const { initialScale, dynamicGrowthSteps } = (this.args = options(
      'LossScaleOptimizer',
      args,
      'initialScale dynamicGrowthSteps',
    ));
    want('LossScaleOptimizer', { initialScale, dynamicGrowthSteps }, 'number?');
    wantOptimizer(innerOptimizer, 'LossScaleOptimizer: innerOptimizer');
    this.dynamicScale = initialScale ?? 32768;
  }

  override get learningRate(): number {
    return this.innerOptimizer.learningRate;
  }
  override set learningRate(rate: number) {
    this.innerOptimizer.learningRate = rate;
  }
  override setLearningRate(rate: number): void {
    this.learningRate = rate;
  }

  override applyGradients(variableGradients: NamedTensorMap | NamedTensor[]): void {
    const all = namedGradients(variableGradients)
      .map(({ tensor }) => tensor)
      .filter(Boolean);
    const good = tidy(() => all.every((gradient: Tensor) => Boolean(finite(gradient).all().dataSync()[0])));
    if (good) this.innerOptimizer.applyGradients(variableGradients);
    const grows = good && ++this.good >= (this.args.dynamicGrowthSteps ?? 2000);
    if (grows || !good) this.good = 0;
    this.dynamicScale *= grows ? 2 : good ? 1 : 0.5;
  }

  override finalizeVariableValues(): void {
    this.innerOptimizer.finalizeVariableValues();
  }
  override getWeights(): Promise<NamedTensor[]> {
    return this.innerOptimizer.getWeights();
  }
  override setWeights(weightValues: NamedTensor[]): Promise<void> {
    return this.innerOptimizer.setWeights(weightValues);
  }
  override swapToEval(): void {
    this.innerOptimizer.swapToEval();
  }
  override swapToTrain(): void {
    this.innerOptimizer.swapToTrain();
  }
  override dispose(): void {
    super.dispose();
    this.innerOptimizer.dispose();
  }

  override getConfig(): Record<string, any> {
    const { innerOptimizer: inner } = this;
    return { innerOptimizer: savedOptimizer(inner), ...this.args };
  }

  static override fromConfig<T>(cls: new (...args: any[]) => T, config: any): T {
    wantConfig('LossScaleOptimizer', cls, config);
    const { innerOptimizer, ...args } = camelKeys(config);
    return new cls(madeOptimizer(innerOptimizer), args);
  }
}

addOptimizerClass(MultiOptimizer);
