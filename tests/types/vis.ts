// tensorine/vis: every name, with the tensors and models of the library.
import * as tf from 'tensorine';
import * as tfvis from 'tensorine/vis';

declare const x: tf.Tensor1D, model: tf.LayersModel, graph: tf.GraphModel, element: HTMLElement;

export async function charts(): Promise<void> {
  const place: tfvis.SurfaceInfo = { name: 'a', tab: 'b', styles: { height: '200px' } };
  const data: tfvis.XYPlotData = { values: [[{ x: 0, y: 1 }]], series: ['a'] };
  await tfvis.render.linechart(place, data, { zoomToFit: true, yAxisDomain: [0, 1], seriesColors: ['red'] });
  await tfvis.render.scatterplot(element, { values: [{ x: 0, y: 1 }] }, { xLabel: 'x', width: 300 });
  await tfvis.render.barchart({ drawArea: element }, [{ index: 0, value: 1 }], { color: ['red'] });
  await tfvis.render.histogram(place, new Float32Array(3), { maxBins: 5, stats: false });
  await tfvis.render.heatmap(place, { values: tf.zeros([2, 2]) }, { colorMap: 'blues', rowMajor: true });
  await tfvis.render.confusionMatrix(place, { values: [[1]], tickLabels: ['a'] }, { shadeDiagonal: false });
  tfvis.render.table(place, { headers: ['a'], values: [[1], ['b']] }, { fontSize: 12 });
}

export async function shown(): Promise<void> {
  const callbacks = tfvis.show.fitCallbacks({ name: 'fit' }, ['loss', 'acc'], { callbacks: ['onEpochEnd'] });
  const history: tf.History = await model.fit(x, x, { callbacks });
  await tfvis.show.history(element, history, ['loss'], { zoomToFitAccuracy: true });
  await tfvis.show.modelSummary(element, model);
  await tfvis.show.modelGraph(element, model);
  await tfvis.show.modelGraph(element, graph);
  await tfvis.show.layer(element, model.getLayer('a'));
  await tfvis.show.valuesDistribution(element, x);
  await tfvis.show.perClassAccuracy(element, await tfvis.metrics.perClassAccuracy(x, x, 3), ['a', 'b', 'c']);
  const matrix: number[][] = await tfvis.metrics.confusionMatrix(x, x, 3, x),
    share: number = await tfvis.metrics.accuracy(x, x);
  void [matrix, share];
}

export function panel(): void {
  const visor: tfvis.Visor = tfvis.visor(),
    surface: tfvis.Surface = visor.surface({ name: 'a' });
  surface.drawArea.append(surface.label, surface.container);
  const open: boolean = visor.isOpen() && visor.isFullscreen(),
    version: string = tfvis.version_vis;
  (visor.open(), visor.close(), visor.toggle(), visor.toggleFullScreen());
  (visor.bindKeys(), visor.unbindKeys(), visor.setActiveTab('b'));
  void [open, version, visor.el.id, visor.surfaceList.size];
}
