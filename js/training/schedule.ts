// Learning rates that change from step to step, which the core computes.
import * as core from '../wasm/core';
import { answer, call, stringify } from '../core/calls';
import { strings } from '../core/strings';
import { want } from '../core/want';
import { warnUnknown } from '../core/warn';

/** A learning rate that changes with the steps; optimizers take it in place of a number. */
export class Schedule {
  private readonly json: { className: string; config: Record<string, unknown> };

  /** @internal Made by tf.train. */
  constructor(className: string, config: object) {
    warnUnknown(className, config, 'schedule', className);
    this.json = answer('schedule', () => core.x.tn_schedule(strings(stringify({ className, config }, className))[0]));
  }

  getClassName(): string {
    return this.json.className;
  }
  getConfig(): Record<string, unknown> {
    return { ...this.json.config };
  }

  /** The learning rate after so many steps. */
  at(step: number): number {
    want(`${this.json.className}.at`, { step }, 'number');
    return call('schedule', () => core.x.tn_schedule_at(strings(stringify(this.json, 'schedule'))[0], step));
  }

  /** Its form in an optimizer's config. */
  toJSON(): object {
    return this.json;
  }
}
