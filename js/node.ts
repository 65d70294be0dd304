// tf.node: what needs Node.
export { summaryFileWriter, tensorBoard } from './models/tensorboard';
export * from './node_images';
