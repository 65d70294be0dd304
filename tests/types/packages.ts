// What packages declare: models that predict, activations of fused ops, datasets, optimizers of their own.
import * as tf from 'tensorine';

export const predicted = (model: tf.InferenceModel, x: tf.Tensor): tf.Tensor =>
  model.predict(x, { batchSize: 1, verbose: false } as tf.ModelPredictConfig) as tf.Tensor;
export const run = (model: tf.InferenceModel, x: tf.Tensor) => model.execute({ x }, ['a', 'b']);
export const names = (model: tf.InferenceModel): string[] => model.inputs.map(({ name }) => name);
export async function either(url: string): Promise<tf.InferenceModel> {
  return url ? await tf.loadGraphModel(url) : ((await tf.loadLayersModel(url)) as unknown as tf.InferenceModel);
}
export const activation: tf.fused.Activation = 'relu6';
export const rows: tf.data.Dataset<tf.TensorContainer> = tf.data.array([1, 2]);
export const attrs: tf.FromPixelsAttrs = { numChannels: 3 };
export const inputs: tf.FromPixelsInputs = { pixels: { data: new Uint8Array(4), width: 1, height: 1 } };

export class Half extends tf.Optimizer {
  static readonly className: string = 'Half';
  constructor(protected rate: number) {
    super();
  }
  applyGradients(grads: tf.NamedTensorMap | { name: string; tensor: tf.Tensor }[]): void {
    const list = Array.isArray(grads) ? grads : Object.entries(grads).map(([name, tensor]) => ({ name, tensor }));
    for (const { name, tensor } of list) {
      const v = tf.engine().registeredVariables[name];
      v.assign(v.sub(tensor.mul(this.rate)));
    }
    this.incrementIterations();
  }
  override dispose(): void {
    super.dispose();
  }
  override async getWeights() {
    return [await this.saveIterations()];
  }
  override async setWeights(values: Parameters<tf.Optimizer['setWeights']>[0]) {
    await this.extractIterations(values);
  }
  getConfig() {
    return { rate: this.rate };
  }
}
export class Slower extends tf.AdamOptimizer {
  slow(): void {
    this.learningRate = this.learningRate / 2;
  }
}
export class Plain extends tf.SGDOptimizer {
  constructor() {
    super(0.1);
  }
  rate(): number {
    return this.learningRate;
  }
}
tf.registerKernel({
  kernelName: 'Mine',
  backendName: 'wasm',
  kernelFunc: ({ inputs: { x } }) => x as tf.Tensor,
} as tf.KernelConfig);
