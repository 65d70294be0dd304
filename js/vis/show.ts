// What is shown of training, models and tensors, made of the charts and tables of this folder.
import { histogram } from './bars';
import { make, nextFrame } from './dom';
import { drawAreaOf, subSurface } from './drawable';
import { tensorStats } from './stats';
import { drawTable } from './table';
import type {
  Drawable,
  FitCallbackOptions,
  HistoryLike,
  HistoryOptions,
  LayerLike,
  Logs,
  ModelLike,
  TensorLike,
} from './types';
import { drawLines, type Columns } from './xy';

const PACE = 50, // ms between two drawings of a chart that grows
  PART = 5; // and at least so many times what one takes

/** A column that grows: its numbers are counted from 0. */
class Series implements Columns {
  readonly xs: number[] = [];
  readonly ys: number[] = [];
  constructor(readonly name: string) {}
  add(y: number): void {
    this.xs.push(this.xs.length);
    this.ys.push(y);
  }
}

/** A chart for each metric, with that of the held-out examples beside it. */
async function drawMetrics(area: HTMLElement, all: Columns[], opts: HistoryOptions): Promise<void> {
  const { zoomToFitAccuracy, ...rest } = opts;
  const groups = new Map<string, Columns[]>();
  for (const one of all) {
    const name = one.name.replace('val_', '');
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  const drawing = [...groups].map(([name, columns]) => {
    const options = { xLabel: 'Iteration', yLabel: name, ...rest };
    if (name.includes('acc')) {
      options.zoomToFit = Boolean(zoomToFitAccuracy);
      options.yAxisDomain = [0, 1];
    }
    return drawLines(subSurface(area, name), columns, options);
  });
  await Promise.all(drawing);
}

/** The numbers of a metric in whatever fit has left. */
function numbersOf(history: HistoryLike, metric: string, index: number): ArrayLike<number> {
  if (!Array.isArray(history)) {
    const values = history.history?.[metric];
    if (!values) throw new Error(`history: there is no metric '${metric}'`);
    return values as number[];
  }
  const logs = (Array.isArray(history[0]) ? history[index] : history) as Logs[];
  return logs.map((log) => log[metric]);
}

/**
 * Draws what `fit` resolves to: a chart for each metric, those of held-out examples in the same chart.
 * @example
 * const history = { history: { loss: [0.9, 0.5, 0.3], val_loss: [0.95, 0.6, 0.5] } };
 * await tfvis.show.history({ name: 'History', tab: 'Training' }, history, ['loss', 'val_loss']);
 */
export async function history(
  container: Drawable,
  history: HistoryLike,
  metrics: string[],
  opts: HistoryOptions = {},
): Promise<void> {
  const columns = metrics.map((name, i) => {
    const ys = numbersOf(history, name, i);
    return { name, xs: Array.from(ys, (_, x) => x), ys };
  });
  await drawMetrics(drawAreaOf(container), columns, opts);
}

/** One callback: keeps what it is told, and draws now and then, so training does not wait; a page that is hidden
 * draws when it is seen again. */
function liveCallback(area: HTMLElement, callback: string, metrics: string[], opts: HistoryOptions) {
  const columns = new Map<string, Series>(),
    place = () => subSurface(area, callback, { title: callback });
  const xLabel = /batch/i.test(callback) ? 'Batch' : /epoch/i.test(callback) ? 'Epoch' : 'Iteration';
  let due = -Infinity, // when the next drawing may be
    timer: ReturnType<typeof setTimeout> | null = null;
  const draw = async () => {
    if (timer) clearTimeout(timer);
    timer = null;
    const began = performance.now(),
      present = metrics.flatMap((name) => columns.get(name) ?? []);
    await drawMetrics(place(), present, { ...opts, xLabel: opts.xLabel ?? xLabel });
    due = Math.max(began + PACE, began + PART * (performance.now() - began));
  };
  let waits = false;
  const whenShown = () => {
    if (waits) return;
    waits = true;
    const shown = () => {
      waits = false;
      void draw();
    };
    document.addEventListener('visibilitychange', shown, { once: true });
  };
  return async (_iteration: number, logs: Logs = {}): Promise<void> => {
    let first = false;
    for (const metric of metrics) {
      if (logs[metric] == null) continue;
      first ||= !columns.has(metric);
      if (!columns.has(metric)) columns.set(metric, new Series(metric));
      columns.get(metric)!.add(Number(logs[metric]));
    }
    if (document.hidden) return whenShown();
    const wait = due - performance.now();
    if (!first && wait > 0) {
      timer ??= setTimeout(draw, wait);
      return;
    }
    await draw();
    await nextFrame();
  };
}

/**
 * Callbacks for `fit` that draw its metrics as they come: `onEpochEnd` and `onBatchEnd`, or those that are named.
 * @example
 * const callbacks = tfvis.show.fitCallbacks({ name: 'Training', tab: 'Training' }, ['loss']);
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
 * model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });
 * await model.fit(tf.tensor2d([[1], [2]]), tf.tensor2d([[2], [4]]), { epochs: 5, callbacks });
 */
export function fitCallbacks(
  container: Drawable,
  metrics: string[],
  opts: FitCallbackOptions = {},
): Record<string, (iteration: number, logs?: Logs) => Promise<void>> {
  const { callbacks = ['onEpochEnd', 'onBatchEnd'], ...rest } = opts;
  const area = drawAreaOf(container);
  return Object.fromEntries(callbacks.map((name) => [name, liveCallback(area, name, metrics, rest)]));
}

/** [batch,28,28,1], or 'Scalar'. */
export function shapeText(shape: readonly (number | null)[]): string {
  if (!shape.length) return 'Scalar';
  return `[${shape.map((n, i) => (n === null && i === 0 ? 'batch' : (n ?? '?'))).join(',')}]`;
}

/** The same for a layer's result, which may be several. */
export function outputText(shape: unknown): string {
  const list = shape as (number | null)[] | (number | null)[][];
  return Array.isArray(list[0])
    ? `[${(list as (number | null)[][]).map(shapeText).join(', ')}]`
    : shapeText(list as (number | null)[]);
}

/**
 * A table of a model's layers: names, shapes, parameters.
 * @example
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [3] })] });
 * await tfvis.show.modelSummary({ name: 'Summary', tab: 'Model' }, model);
 */
export async function modelSummary(container: Drawable, model: ModelLike): Promise<void> {
  const headers = ['Layer Name', 'Output Shape', '# Of Params', 'Trainable'];
  const values = model.layers.map((layer) => [
    layer.name,
    outputText(layer.outputShape),
    layer.countParams(),
    layer.trainable,
  ]);
  drawTable(drawAreaOf(container), { headers, values });
}

/**
 * A table of a layer's weights, and how the values of the one that is chosen are spread.
 * @example
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [3] })] });
 * await tfvis.show.layer({ name: 'Layer', tab: 'Model' }, model.layers[0]);
 */
export async function layer(container: Drawable, layer: LayerLike): Promise<void> {
  const area = drawAreaOf(container),
    weights = layer.getWeights();
  const stats = await Promise.all(weights.map(tensorStats));
  const headers = ['Weight Name', 'Shape', 'Min', 'Max', '# Params', '# Zeros', '# NaNs', '# Infinity'];
  const values = weights.map(({ shape }, i) => {
    const { min, max, numVals, numZeros, numNans, numInfs } = stats[i];
    return [layer.weights[i].name, shapeText(shape), min, max, numVals, numZeros, numNans, numInfs];
  });
  drawTable(subSurface(area, 'layer-weights-info'), { headers, values });
  const chooser = subSurface(area, 'select-layer');
  if (!weights.length) return chooser.replaceChildren();
  const select = make('select', {}, ...layer.weights.map(({ name }, i) => new Option(name, String(i))));
  const show = async () => {
    const data = (await layer.getWeights()[Number(select.value)].data()) as Float32Array;
    await histogram(subSurface(area, 'param-distribution'), data, { height: 150, stats: false });
  };
  const button = make('button', { type: 'button', onclick: () => void show() }, 'Show Values Distribution for:');
  select.ariaLabel = 'Weight';
  select.onchange = () => void show();
  chooser.replaceChildren(make('div', { className: 'vis-pick' }, button, select));
}

/**
 * How the values of a tensor are spread: a histogram and a table of figures.
 * @example
 * await tfvis.show.valuesDistribution({ name: 'Values', tab: 'Model' }, tf.randomNormal([1000]));
 */
export async function valuesDistribution(container: Drawable, tensor: TensorLike): Promise<void> {
  const stats = await tensorStats(tensor);
  await histogram(container, (await tensor.data()) as Float32Array, { height: 150, stats });
}

/**
 * A table of what `metrics.perClassAccuracy` gives, with names of the classes.
 * @example
 * const classes = [{ accuracy: 0.5, count: 2 }, { accuracy: 1, count: 3 }];
 * await tfvis.show.perClassAccuracy({ name: 'Accuracy', tab: 'Evaluation' }, classes, ['cat', 'dog']);
 */
export async function perClassAccuracy(
  container: Drawable,
  classAccuracy: { accuracy: number; count: number }[],
  classLabels?: string[],
): Promise<void> {
  const values = classAccuracy.map(({ accuracy, count }, i) => [classLabels?.[i] ?? String(i), accuracy, count]);
  drawTable(drawAreaOf(container), { headers: ['Class', 'Accuracy', '# Samples'], values });
}
