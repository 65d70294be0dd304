// What a backend is to packages: values by data ids; the library's own, which have tensors behind them.
import { TensorineError } from '../wasm/errors';
import { product } from '../core/kinds';
import { memory } from '../core/scopes';
import { ownerOf, type DataType, type Tensor } from '../core/tensor';
import { context } from '../core/webgl';
import { runProgram, type GPGPUProgram } from '../core/webgl_programs';
import { tensor } from '../api/create';
import { now } from '../api/util';

/** A result of a kernel or of a shader program: a tensor, or a data id with shape and dtype. */
export interface TensorInfo {
  dataId: object;
  shape: number[];
  dtype: DataType;
}

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
  /** The smallest number that divisions treat as different from 0. */
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
    const size = product(shape);
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
  /** Draws with a shader of your own, as TensorFlow.js's kernels have them; makeTensorFromDataId gives its result. */
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
