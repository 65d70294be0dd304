// The modules of js/generated that are made of declarations: a function for every op, and a factory or class for every
// layer, part, optimizer, schedule and metric.
import {
  layerFactories,
  metricClasses,
  metricFunctions,
  optimizerClasses,
  optimizerFactories,
  partFactories,
} from './layers_ts.mjs';
import { functions, methods, spaces } from './ts.mjs';

/** Texts by path under js/generated. */
export function modules(declared, layers) {
  const ops = functions(declared);
  return new Map([
    ...[...ops].map(([space, text]) => [`ops/${space || 'ops'}.ts`, text]),
    ['ops/index.ts', spaces([...ops.keys()])],
    ['ops/methods.ts', methods(declared)],
    ['nn/layers.ts', layerFactories(layers)],
    ...['initializer', 'regularizer', 'constraint'].map((kind) => [`nn/${kind}s.ts`, partFactories(layers, kind)]),
    ['training/schedules.ts', partFactories(layers, 'schedule', 'training/schedule')],
    ['training/optimizers.ts', optimizerClasses(layers)],
    ['training/train.ts', optimizerFactories(layers)],
    ['training/metric_classes.ts', metricClasses(layers)],
    ['training/metrics.ts', metricFunctions(layers)],
  ]);
}
