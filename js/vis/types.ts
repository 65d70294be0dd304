// What the functions of tensorine/vis take. Tensors and models are described by the members that are read, so
// that those of any copy of the library, and of TensorFlow.js, can be shown.

/** A tensor as far as it is read here. */
export interface TensorLike {
  readonly shape: readonly number[];
  data(): Promise<ArrayLike<number | boolean | string>>;
}

/** A layer as far as it is read here. */
export interface LayerLike {
  readonly name: string;
  readonly outputShape: unknown;
  readonly trainable: boolean;
  readonly weights: readonly { readonly name: string }[];
  countParams(): number;
  getWeights(): readonly TensorLike[];
  getClassName?(): string;
}

/** A layers model as far as it is read here. */
export interface ModelLike {
  readonly layers: readonly LayerLike[];
  toJSON?(unused?: any, returnString?: boolean): any;
}

/** A graph model; what is read of it is the topology among the artifacts that it was loaded from. */
export interface GraphModelLike {
  readonly modelVersion: string;
}

/** A place in the visor: its name, the tab it is on ('Visor' unless given), sizes in CSS units. */
export interface SurfaceInfo {
  name: string;
  tab?: string;
  styles?: StyleOptions;
}

export interface StyleOptions {
  width?: string;
  height?: string;
  maxWidth?: string;
  maxHeight?: string;
}

/** What the visor gives for a SurfaceInfo: the element, its label, and the element to draw in. */
export interface Surface {
  container: HTMLElement;
  label: HTMLElement;
  drawArea: HTMLElement;
}

/** Where something is drawn: an element of the page, or a place in the visor. */
export type Drawable = HTMLElement | Surface | SurfaceInfo | { drawArea: HTMLElement };

/** Options that all charts take; sizes in CSS pixels. Without a width the chart follows that of its place. */
export interface VisOptions {
  width?: number;
  height?: number;
  xLabel?: string | null;
  yLabel?: string | null;
  fontSize?: number;
  xType?: 'quantitative' | 'ordinal' | 'nominal';
  yType?: 'quantitative' | 'ordinal' | 'nominal';
}

export interface XYPlotOptions extends VisOptions {
  /** The ends of the x axis; zoomToFit goes before it. */
  xAxisDomain?: [number, number];
  /** The ends of the y axis; zoomToFit goes before it. */
  yAxisDomain?: [number, number];
  /** The axes end where the data does; else that of y begins at 0 if no value is below. */
  zoomToFit?: boolean;
  /** CSS colors, one for each series. */
  seriesColors?: string[];
}

export interface Point2D {
  x: number;
  y: number;
}

/** Points of one series or of several, and the names of these. */
export interface XYPlotData {
  values: Point2D[][] | Point2D[];
  series?: string[];
}

export interface HistogramStats {
  numVals?: number;
  min?: number;
  max?: number;
  numNans?: number;
  numZeros?: number;
  numInfs?: number;
}

export interface HistogramOpts extends VisOptions {
  /** The table above: false for none, or the figures to show instead of those of the data. */
  stats?: HistogramStats | false;
  /** The most bars there may be; 12 unless given. */
  maxBins?: number;
  /** The CSS color of the bars. */
  color?: string;
}

export interface BarChartOpts extends VisOptions {
  /** The CSS color of the bars, or one for each. */
  color?: string | string[];
}

export type TypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Uint8ClampedArray
  | Float32Array
  | Float64Array;

export type NamedColorMap = 'greyscale' | 'viridis' | 'blues';

/** Counts for each pair of a label (row) and a prediction (column), and the names of the classes. */
export interface ConfusionMatrixData {
  values: number[][];
  tickLabels?: string[];
}

export interface ConfusionMatrixOptions extends VisOptions {
  /** Whether the diagonal has colors; true unless given. A matrix with nothing beside it has them anyway. */
  shadeDiagonal?: boolean;
  /** Whether the counts are written in the cells; true unless given. */
  showTextOverlay?: boolean;
  /** A named map, or the CSS colors of the least and the most. */
  colorMap?: NamedColorMap | [string, string];
}

/** A matrix in columns: values[x][y]. With rowMajor among the options it is values[y][x]. */
export interface HeatmapData {
  values: number[][] | TensorLike;
  xTickLabels?: string[];
  yTickLabels?: string[];
}

export interface HeatmapOptions extends VisOptions {
  colorMap?: NamedColorMap | [string, string];
  /** The values of the first and the last color; the least and the most unless given. */
  domain?: number[];
  /** Whether values are rows. */
  rowMajor?: boolean;
}

/** The names of the columns, and the rows. */
export interface TableData {
  headers: string[];
  values: any[][];
}

/** What `fit` gives to callbacks. */
export type Logs = Record<string, number>;

/** What `fit` resolves to, its `history`, or a list of logs; lists of logs, one for each metric. */
export type HistoryLike = Logs[] | Logs[][] | { history: Record<string, any[]> };

export interface HistoryOptions extends XYPlotOptions {
  /** Whether charts of accuracy end where the data does; else they go from 0 to 1. */
  zoomToFitAccuracy?: boolean;
}

export interface FitCallbackOptions extends HistoryOptions {
  /** The callbacks that draw; ['onEpochEnd', 'onBatchEnd'] unless given. */
  callbacks?: string[];
}
