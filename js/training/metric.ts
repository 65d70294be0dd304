// Metrics that add up over batches; the core counts.
import * as core from '../wasm/core';
import { answer, call, stringify } from '../core/calls';
import { tensor, tensorOrNull } from '../core/lower';
import { strings } from '../core/strings';
import { Tensor, tensorAt, type TensorLike } from '../core/tensor';
import { want } from '../core/want';
import { warnUnknown } from '../core/warn';
import { lossOrMetric, type LossOrMetricFn } from './loss_functions';

const released = new FinalizationRegistry<number>((ptr) => core.x.tn_metric_release(ptr));

/** To be given to compile, or used by itself: updateState() for each batch, then result(). */
export class Metric {
  /** @internal Address in the core. */
  readonly ptr: number;
  readonly name: string;
  private readonly json: { className: string; config: Record<string, unknown> };

  /** @internal of: its name, or the number of a function whose mean it is. */
  constructor(of: string | number, config: object, named?: string) {
    if (typeof of !== 'number') want('Metric', { name: of }, 'string');
    want('Metric', { name: named }, 'string?');
    const name = named ?? String(of);
    warnUnknown(name, config, 'metric', name);
    const ptr = call(name, () => {
      const [at, json] = strings(name, stringify(config, name));
      return typeof of === 'number' ? core.x.tn_metric_of_function(of, json) : core.x.tn_metric(at, json);
    });
    this.ptr = ptr;
    released.register(this, ptr);
    this.json = answer(name, () => core.x.tn_metric_config(ptr));
    this.name = (this.json.config.name as string | null) ?? name;
  }

  getClassName(): string {
    return (this.constructor as { className?: string }).className ?? this.json.className;
  }
  getConfig(): Record<string, unknown> {
    return { ...this.json.config };
  }

  /** Counts a batch: what should come out, what did, and how much each example weighs. */
  updateState(yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike | null): void {
    call(this.name, () => {
      const y = tensor(yTrue, 'yTrue'),
        p = tensor(yPred, 'yPred'),
        w = tensorOrNull(sampleWeight, 'sampleWeight');
      core.x.tn_metric_add(this.ptr, y, p, w);
    });
  }

  /** The metric of all batches so far. */
  result(): Tensor {
    return tensorAt(call(this.name, () => core.x.tn_metric_result(this.ptr)));
  }

  /** Starts anew. */
  resetState(): void {
    core.x.tn_metric_reset(this.ptr);
  }

  /** The metric of these examples alone, as numbers. */
  of(yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike | null): number | number[] {
    this.resetState();
    this.updateState(yTrue, yPred, sampleWeight);
    return this.takeResult();
  }

  /** The result as numbers; then it starts anew. */
  protected takeResult(): number | number[] {
    const result = this.result(),
      numbers = result.arraySync() as number | number[];
    result.dispose();
    this.resetState();
    return numbers;
  }

  /** Frees what it counted. */
  dispose(): void {
    this.resetState();
  }
}

/** A metric of values by themselves: updateState(values, weights). */
export class ValueMetric extends Metric {
  /** Counts values, and how much each weighs. */
  override updateState(values: TensorLike, sampleWeight?: TensorLike | null): void {
    super.updateState(values, values, sampleWeight);
  }

  /** The metric of these values alone. */
  override of(values: TensorLike, sampleWeight?: TensorLike | null): number | number[] {
    this.resetState();
    this.updateState(values, sampleWeight);
    return this.takeResult();
  }
}

/**
 * The mean over all examples of a function of your own, or of tf.metrics.
 * @example new tf.metrics.MeanMetricWrapper(tf.metrics.meanSquaredError).of([[1], [2]], [[1], [4]]) // 2
 */
export class MeanMetricWrapper extends Metric {
  static readonly className = 'MeanMetricWrapper';
  /** @internal Held here: the core has only a number for it. */
  readonly fn: LossOrMetricFn;

  constructor(fn: LossOrMetricFn, name?: string | null) {
    const given = lossOrMetric(fn, 'MeanMetricWrapper: fn');
    const known = typeof given === 'string';
    super(known ? given : given.function, { name: name ?? (known ? given : given.name) }, known ? given : given.name);
    this.fn = fn;
  }
}
