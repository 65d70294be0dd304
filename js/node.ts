// tf.node: what needs Node.
export { summaryFileWriter, tensorBoard } from './training/tensorboard';
export * from './api/node_images';
