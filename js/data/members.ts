// What tf.data has: datasets from arrays, generators, tables, cameras and microphones.
export { array, Dataset, func, generator, zip } from './dataset';
export { CSVDataset, csv, TextLineDataset, type ColumnConfig, type CSVConfig } from './csv';
export { FileDataSource, URLDataSource, type DataSource, type FileChunkIteratorOptions } from './bytes';
export type { Container } from './containers';
export type { LazyIterator } from './iterator';
export { microphone, type MicrophoneConfig, type MicrophoneIterator, type Sound } from './microphone';
export { webcam, type WebcamConfig, type WebcamIterator } from './webcam';
export { version_core as version_data } from '../api/version';
