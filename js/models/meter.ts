// Metrics that add up over batches: counting is the core's.
import * as core from '../core/core';
import { tensor, tensorOrNull } from '../core/lower';
import { want } from '../core/want';
import { warnUnknown } from '../core/warn';
import { Tensor, tensorAt, type TensorLike } from '../core/tensor';
import { answer, call, stringify, texts } from './lowering';

const released = new FinalizationRegistry<number>((ptr) => core.x.tn_meter_release(ptr));

/** To be given to compile, or used by itself: updateState() for each batch, then result(). */
export class Meter {
  /** @internal Address in the core. */
  readonly ptr: number;
  readonly name: string;
  private readonly json: { className: string; config: Record<string, unknown> };

  /** @internal */
  constructor(name: string, config: object) {
    want('Metric', { name }, 'string');
    warnUnknown(name, config, 'metric', name);
    const ptr = call(name, () => {
      const [at, json] = texts(name, stringify(config, name));
      return core.x.tn_meter(at, json);
    });
    this.ptr = ptr;
    released.register(this, ptr);
    this.json = answer(name, () => core.x.tn_meter_config(ptr));
    this.name = (this.json.config.name as string | null) ?? name;
  }

  getClassName(): string { return this.json.className; }
  getConfig(): Record<string, unknown> { return { ...this.json.config }; }

  /** Counts a batch: what should come out, what did, and how much each example weighs. */
  updateState(yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike | null): void {
    call(this.name, () => {
      const y = tensor(yTrue, 'yTrue'), p = tensor(yPred, 'yPred'), w = tensorOrNull(sampleWeight, 'sampleWeight');
      core.x.tn_meter_add(this.ptr, y, p, w);
    });
  }

  /** The metric of all batches so far. */
  result(): Tensor { return tensorAt(call(this.name, () => core.x.tn_meter_result(this.ptr))); }

  /** Starts anew. */
  resetState(): void { core.x.tn_meter_reset(this.ptr); }

  /** The metric of these examples alone, as numbers. */
  of(yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike | null): number | number[] {
    this.resetState();
    this.updateState(yTrue, yPred, sampleWeight);
    const result = this.result(), numbers = result.arraySync() as number | number[];
    result.dispose();
    this.resetState();
    return numbers;
  }

  /** Frees what it counted. */
  dispose(): void { this.resetState(); }
}
