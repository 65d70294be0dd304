// Backends: the library's own as objects that packages know how to ask, and those that packages bring.
import { current, registerDevice, removeDevice } from '../backend';
import { tensor } from '../core/create';
import { ownerOf } from '../core/data_id';
import { TensorineError } from '../core/errors';
import { memory } from '../core/engine';
import { context } from '../core/gl';
import type { DataType, Tensor } from '../core/tensor';
import { want } from '../core/want';
import { now } from '../util';
import { runProgram, type GPGPUProgram } from './programs';
import { getKernelsForBackend, warned, type TensorInfo } from './registry';

/** Values by data ids, for backends that keep their own. */
export class DataStorage<T> {
  private data = new WeakMap<object, T>();
  private count = 0;

  constructor(
    readonly backend: unknown,
    readonly dataMover: { moveData(backend: unknown, dataId: object): void },
  ) {}

  get(dataId: object): T | undefined {
    if (!this.data.has(dataId)) this.dataMover.moveData(this.backend, dataId);
    return this.data.get(dataId);
  }
  set(dataId: object, value: T): void {
    if (!this.data.has(dataId)) this.count++;
    this.data.set(dataId, value);
  }
  has(dataId: object): boolean {
    return this.data.has(dataId);
  }
  delete(dataId: object): boolean {
    const there = this.data.delete(dataId);
    if (there) this.count--;
    return there;
  }
  numDataIds(): number {
    return this.count;
  }
}

type Values = ReturnType<Tensor['dataSync']> | string[] | Uint8Array[];

/** The tensor of a data id. */
function owner(dataId: object): Tensor {
  const x = ownerOf(dataId);
  if (!x) throw new TensorineError('value', 'This backend has no data of that id');
  return x;
}

/** What a backend brought in JavaScript extends. The library's own have tensors behind their data ids. */
export class KernelBackend {
  /** Results that no one has made a tensor of yet. */
  private loose = new WeakSet<Tensor>();

  timerAvailable(): boolean {
    return true;
  }
  async time(f: () => void): Promise<{ kernelMs: number }> {
    const start = now();
    f();
    return { kernelMs: now() - start };
  }
  memory(): unknown {
    return memory();
  }
  numDataIds(): number {
    return memory().numDataBuffers;
  }
  /** Bits of a float. */
  floatPrecision(): 16 | 32 {
    return 32;
  }
  /** The smallest number that is told from 0 in divisions. */
  epsilon(): number {
    return this.floatPrecision() === 32 ? 1e-7 : 1e-4;
  }
  dispose(): void {}

  // ---- values by data ids

  readSync(dataId: object): Values {
    return owner(dataId).dataSync() as Values;
  }
  async read(dataId: object): Promise<Values> {
    return (await owner(dataId).data()) as Values;
  }
  /** New data; makeTensorFromDataId makes a tensor of them. */
  write(values: Values | null, shape: number[], dtype: DataType): object {
    return this.makeTensorInfo(shape, dtype, values).dataId;
  }
  makeTensorInfo(shape: number[], dtype: DataType, values?: Values | null): TensorInfo {
    const size = shape.reduce((a, b) => a * b, 1);
    return this.result(tensor((values ?? new Float32Array(size)) as any, shape, dtype));
  }
  /** False where the id is not known here. */
  disposeData(dataId: object): boolean {
    const x = ownerOf(dataId);
    x?.dispose();
    return x !== undefined;
  }
  disposeIntermediateTensorInfo(info: TensorInfo): void {
    this.disposeData(info.dataId);
  }

  /** @internal Notes a result that is to become a tensor. */
  protected result(x: Tensor): TensorInfo {
    this.loose.add(x);
    return x;
  }
  /** @internal True once for each result: the tensor is then the asker's. */
  adopt(x: Tensor): boolean {
    return this.loose?.delete(x) ?? false;
  }
}

/** The GPU's: the context is the one in which ops are drawn. */
export class MathBackendWebGL extends KernelBackend {
  get gpgpu(): { gl: WebGL2RenderingContext } {
    return { gl: context() };
  }
  getGPGPUContext(): { gl: WebGL2RenderingContext } {
    return this.gpgpu;
  }
  /** Draws with a shader of your own, as TensorFlow.js's kernels have them; makeTensorFromDataId makes a tensor of the result. */
  compileAndRun(
    program: GPGPUProgram,
    inputs: TensorInfo[],
    outputDtype?: DataType,
    customUniformValues?: number[][],
  ): TensorInfo {
    return this.result(
      runProgram(
        program,
        inputs.map(({ dataId }) => owner(dataId)),
        outputDtype,
        customUniformValues,
      ),
    );
  }
  runWebGLProgram(
    program: GPGPUProgram,
    inputs: TensorInfo[],
    outputDtype: DataType,
    customUniformValues?: number[][],
  ): TensorInfo {
    return this.compileAndRun(program, inputs, outputDtype, customUniformValues);
  }
}

/** The CPU's, by the names that packages know. */
export class MathBackendCPU extends KernelBackend {}

type Factory = () => KernelBackend | Promise<KernelBackend>;
export interface BackendEntry {
  factory: Factory;
  priority: number;
}
const own = new MathBackendCPU(),
  gpu = new MathBackendWebGL();
/** Backends that can be chosen, and those that have been made. */
export const registryFactory: { [name: string]: BackendEntry } = Object.assign(Object.create(null), {
  wasm: { factory: () => own, priority: 2 },
  cpu: { factory: () => own, priority: 1 },
  webgl: { factory: () => gpu, priority: 2 },
});
export const registry: { [name: string]: KernelBackend } = Object.assign(Object.create(null), {
  wasm: own,
  cpu: own,
  webgl: gpu,
});

/** A backend brought in JavaScript: its kernels run through engine().runKernel once it is chosen with
 * setBackend; the library's own ops go on in the core. False if the name is taken. */
export function registerBackend(name: string, factory: Factory, priority = 1): boolean {
  if (name in registryFactory) {
    warned(`${name} backend was already registered. Reusing existing backend factory.`);
    return false;
  }
  registryFactory[name] = { factory, priority };
  registerDevice(name, {
    async start() {
      const backend = await factory();
      registry[name] = backend;
      for (const { setupFunc } of getKernelsForBackend(name)) setupFunc?.(backend);
      return true;
    },
    stop() {},
  });
  return true;
}

/** Forgets a backend that registerBackend brought. */
export function removeBackend(name: string): void {
  const made = registry[name];
  if (!(name in registryFactory) || made === own || made === gpu)
    throw new TensorineError('device', `${name} backend not found in registry`);
  if (made) for (const { disposeFunc } of getKernelsForBackend(name)) disposeFunc?.(made);
  made?.dispose();
  delete registryFactory[name];
  delete registry[name];
  removeDevice(name);
}

export const findBackendFactory = (name: string): Factory | null => registryFactory[name]?.factory ?? null;
export function findBackend(name: string): KernelBackend | null {
  want('findBackend', { name }, 'string');
  return registry[name] ?? null;
}
/** The backend in use. */
export const backend = (): KernelBackend => registry[current()] ?? own;
