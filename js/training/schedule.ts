// Learning rates that change with the steps taken: what they are is the core's.
import * as core from '../wasm/core';
import { answer, call, stringify } from '../core/calls';
import { strings } from '../core/strings';
import { want } from '../core/want';
import { warnUnknown } from '../core/warn';

/** An optimizer takes it in place of its learning rate. */
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

  /** How it stands in an optimizer's config. */
  toJSON(): object {
    return this.json;
  }
}
