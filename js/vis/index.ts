// tensorine/vis: charts of training, models and tensors, with the names and arguments of tfjs-vis.
import { barchart, histogram } from './bars';
import { confusionMatrix, heatmap } from './cells';
import { modelGraph } from './graph';
import { fitCallbacks, history, layer, modelSummary, perClassAccuracy, valuesDistribution } from './show';
import { accuracy, confusionMatrix as countConfusion, perClassAccuracy as countPerClass } from './stats';
import { table } from './table';
import { linechart, scatterplot } from './xy';

declare const VERSION: string; // of package.json, put in by tools/build_vis.mjs

/** Charts and tables of data of your own. */
export const render = { barchart, table, histogram, linechart, scatterplot, confusionMatrix, heatmap };

/** How often predictions are right. */
export const metrics = { accuracy, perClassAccuracy: countPerClass, confusionMatrix: countConfusion };

/** What is in training, models and tensors. */
export const show = { history, fitCallbacks, perClassAccuracy, valuesDistribution, layer, modelSummary, modelGraph };

export { visor, type Visor } from './visor';
export const version_vis: string = VERSION;
export type * from './types';
