// tf.engine(): the parts of the engine that packages ask for, and tf.op.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { current, ready, setBackend } from '../core/backend';
import { ENV } from '../core/env';
import { isPromise } from '../core/kinds';
import { dispose, endScope, endScopes, keep, memory, startScope, tidy } from '../core/scopes';
import { ownerOf, type DataType, type Tensor } from '../core/tensor';
import { allVariables, disposeVariables, type Variable } from '../core/variable';
import { want } from '../core/want';
import { clone } from '../generated/ops/ops';
import { tensor, variable } from '../api/create';
import { customGrad, gradients } from '../api/grad';
import { profile, time } from '../api/profile';
import {
  backend,
  findBackend,
  findBackendFactory,
  registerBackend,
  registry,
  registryFactory,
  removeBackend,
} from './backends';
import type { KernelBackend, TensorInfo } from './kernel_backend';
import { makeTensorFromDataId, runKernel } from './run_kernel';

const variables = (): { [name: string]: Variable } => Object.fromEntries(allVariables().map((v) => [v.name, v]));

/** Counts, as the engine of TensorFlow.js has them. */
const state = {
  get numTensors(): number {
    return memory().numTensors;
  },
  get numBytes(): number {
    return memory().numBytes;
  },
  get numDataBuffers(): number {
    return memory().numDataBuffers;
  },
  get registeredVariables(): { [name: string]: Variable } {
    return variables();
  },
  gradientDepth: 0,
};

/** The flags, for a core of TensorFlow.js that a package carries: what is known is not registered again. */
const others: typeof ENV = Object.create(ENV, {
  registerFlag: {
    value: (name: string, ...how: [() => boolean]) => {
      if (!(name in ENV.flagRegistry)) ENV.registerFlag(name, ...how);
    },
  },
  setPlatform: { value: () => {} },
});

/** What packages ask the engine for. The script for the tag puts it where a core of TensorFlow.js that
 * comes later (tfjs-vis has one in itself) looks for an engine: it then computes with this library. */
const theEngine = {
  ENV: others,
  state,
  registry,
  registryFactory,
  startScope,
  endScope,
  tidy,
  keep,
  dispose,
  memory,
  runKernel,
  time,
  profile,
  customGrad,
  clone,
  ready,
  setBackend,
  registerBackend,
  removeBackend,
  findBackend,
  findBackendFactory,
  makeTensorFromDataId,
  backendNames: (): string[] => Object.keys(registryFactory),
  makeTensor: (values: any, shape: number[], dtype?: DataType): Tensor => tensor(values, shape, dtype),
  makeTensorFromTensorInfo: (info: TensorInfo, from?: KernelBackend): Tensor =>
    makeTensorFromDataId(info.dataId, info.shape, info.dtype, from),
  makeVariable: (value: Tensor, trainable = true, name?: string, dtype?: DataType): Variable =>
    variable(value, trainable, name, dtype),
  gradients: (f: () => Tensor, xs: Tensor[], dy?: Tensor | null, _allowNoGradients = false) =>
    tidy(() => gradients(f, xs, dy ?? null)),
  incRef: (_x: Tensor): void => {},
  disposeVariable: (v: Variable): void => v.dispose(),
  readToGPU: (dataId: object, options?: { customTexShape?: [number, number] }) => ownerOf(dataId)?.dataToGPU(options),
  /** Disposes the tensor that a data id was asked of. */
  removeDataId: (dataId: object): void => {
    ownerOf(dataId)?.dispose();
  },
  disposeTensor: (x: Tensor): void => x.dispose(),
  read: (dataId: object) => backend().read(dataId),
  readSync: (dataId: object) => backend().readSync(dataId),
  get backendName(): string {
    return current();
  },
  get backend(): KernelBackend {
    return backend();
  },
  get registeredVariables(): { [name: string]: Variable } {
    return variables();
  },
  /** True while calls are recorded for gradients. */
  isTapeOn: (): boolean => core.x.tn_recording() !== 0,
  disposeVariables,
  /** Ends the scopes that startScope began, and disposes variables. */
  reset(): void {
    endScopes();
    disposeVariables();
  },
};

/** The parts of the engine that packages ask for. */
export const engine = (): typeof theEngine => theEngine;

/** Names a function of ops as one: {name_: f} becomes f, which releases what it makes on the way. */
export const OP_SCOPE_SUFFIX = '__op';
export function op<T extends (...args: any[]) => any>(named: { [name: string]: T }): T {
  want('op', { named }, 'object');
  const names = Object.keys(named);
  if (names.length !== 1)
    throw new TensorineError(
      'value',
      `Please provide an object with a single key (operation name) mapping to a function. Got an object with ${names.length} keys.`,
    );
  want('op', { [names[0]]: named[names[0]] }, 'function');
  const f = named[names[0]],
    name = `${names[0].replace(/_$/, '')}${OP_SCOPE_SUFFIX}`;
  const wrapped = (...args: any[]) => {
    return tidy(name, () => {
      const result = f(...args);
      if (isPromise(result)) console.error('Cannot return a Promise inside of tidy.');
      return result;
    });
  };
  Object.defineProperty(wrapped, 'name', { value: name, configurable: true });
  return wrapped as T;
}
