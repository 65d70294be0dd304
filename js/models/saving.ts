// Models to files: topology and training config as JSON, weights as bytes; the io handlers store them.
import { WhichWeights } from '../generated/wasm/border';
import * as core from '../wasm/core';
import { fileFromHere } from '../wasm/node';
import { answer, options } from '../core/calls';
import type { Tensor } from '../core/tensor';
import { want } from '../core/want';
import { version } from '../api/version';
import { CompositeArrayBuffer } from '../io/buffers';
import * as router from '../io/router';
import type { IOHandler, ModelArtifacts, NamedTensor, SaveConfig, SaveResult } from '../io/types';
import { encodeWeights } from '../io/weights';
import type { LayerWeight } from '../nn/weight';
import type { AnyModel } from '../training/any_model';
import { trainingConfigOf } from './training_config';

/** @internal */
export async function saveModel(
  model: AnyModel,
  handlerOrURL: IOHandler | string,
  config?: SaveConfig | null,
): Promise<SaveResult> {
  const { trainableOnly, includeOptimizer } = options('save', config, 'trainableOnly includeOptimizer');
  const to = fileFromHere(handlerOrURL); // the program may change its working directory meanwhile
  const wanted = trainableOnly && new Set(model.trainableWeights);
  // As this model has them.
  const names = answer<string[]>('save', () => core.x.tn_layer_weight_names(model.ptr, WhichWeights.all));
  const weights: NamedTensor[] = model.weights
    .map((w, i) => ({ name: names[i], tensor: w as Tensor }))
    .filter(({ tensor }) => !wanted || wanted.has(tensor as LayerWeight));
  let { data, specs } = await encodeWeights(weights);
  const artifacts: ModelArtifacts = {
    modelTopology: model.toJSON(null, false),
    format: 'layers-model',
    generatedBy: `Tensorine v${version.tensorine}`,
    convertedBy: null,
  };
  if (includeOptimizer && model.optimizer) {
    const { config: training, plain } = trainingConfigOf(model);
    if (plain) artifacts.trainingConfig = training;
    else artifacts.modelTopology = { ...(artifacts.modelTopology as {}), training_config: training };
    const states = await model.optimizer.getWeights();
    want(`${model.optimizer.getClassName()}.getWeights`, { result: states }, 'named');
    const more = await encodeWeights(states, 'optimizer');
    // The step was made for this; the others are the optimizer's.
    for (const { name, tensor } of states) if (/^(\d+\/)*iter$/.test(name)) tensor.dispose();
    specs = [...specs, ...more.specs];
    data = CompositeArrayBuffer.join([data, more.data].flat());
  }
  if (model.getUserDefinedMetadata())
    artifacts.userDefinedMetadata = model.getUserDefinedMetadata() as { [key: string]: {} };
  return router.save(to, { ...artifacts, weightData: data, weightSpecs: specs });
}
