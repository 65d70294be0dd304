// Optimizers by name, as compile and files have them.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { answer, call, stringify } from '../core/calls';
import { normalized } from '../core/names';
import { strings } from '../core/strings';
import { registeredAs } from '../nn/registered';
import * as generated from '../generated/training/optimizers';
import { camelKeys, type Optimizer } from './optimizer';

type OptimizerClass = { className: string; fromConfig(cls: unknown, config: object): Optimizer };
const classes = Object.values(generated) as unknown as OptimizerClass[];
/** Classes that are not the core's: a config is theirs to read. */
const composed = new Map<string, OptimizerClass>();

/** @internal Makes a class of optimizers known to files. */
export function addOptimizerClass(Class: OptimizerClass): void {
  composed.set(normalized(Class.className), Class);
}

/** @internal As a file of Keras's or TensorFlow.js's says it. */
export function optimizerFromFile(name: string, config: object): Optimizer {
  const registered = registeredAs(name);
  if (registered) return registered[1](registered[0] as never, config as never) as unknown as Optimizer;
  const own = composed.get(normalized(name));
  if (own) return own.fromConfig(own, config);
  const found = answer<{ className: string; config: object }>('optimizer', () => {
    const [className, json] = strings(name, stringify(config, 'optimizer'));
    return core.x.tn_optimizer_from_file(className, json);
  });
  return makeOptimizer(found.className, found.config);
}

/** @internal From a class's name and its config, in either spelling. */
export function makeOptimizer(name: string, config: object): Optimizer {
  const Class = classes.find(({ className }) => normalized(className) === normalized(name));
  if (!Class) throw new TensorineError('value', `Unknown optimizer: ${name}`);
  return Class.fromConfig(Class, camelKeys(config));
}

/** @internal As compile takes a bare name. */
export function optimizerByName(name: string): Optimizer {
  const ptr = call('compile', () => core.x.tn_optimizer_by_name(strings(name)[0]));
  const { className, config } = answer<{ className: string; config: object }>('compile', () =>
    core.x.tn_optimizer_config(ptr, 0, 1),
  );
  core.x.tn_optimizer_release(ptr);
  return makeOptimizer(className, config);
}
