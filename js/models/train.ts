// tf.train: optimizers, and the schedules of their learning rates.
export {
  adadelta, adagrad, adam, adamax, adamw, lion, momentum, nadam, rmsprop, sgd,
} from '../generated/train';
export * from '../generated/schedules';
