// tf.train: optimizers, and the schedules of their learning rates.
export {
  adadelta,
  adafactor,
  adagrad,
  adam,
  adamax,
  adamw,
  ftrl,
  lamb,
  lion,
  momentum,
  muon,
  nadam,
  rmsprop,
  scheduleFreeAdamW,
  sgd,
} from '../generated/training/train';
export * from '../generated/training/schedules';
