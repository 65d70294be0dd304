// Where Tensorine goes Keras's way and TensorFlow.js does not, with no option between them: for the programs the peer
// is given Keras's rule. (Where there is an option, as compile's maskLoss, the program states it.)

/** A batchNormalization that is not trainable takes its running means in training too, and leaves them. */
export function asKeras(peer) {
  const { prototype } = peer.layers.batchNormalization().constructor,
    { call } = prototype;
  prototype.call = function (inputs, kwargs) {
    return call.call(this, inputs, this.trainable ? kwargs : { ...kwargs, training: false });
  };
  return peer;
}

/** Gives the peer Keras's normal initializers: cut off at two deviations, they have .8796 of the one stated
 * unless they are divided by it. */
export function asStated(peer) {
  const { prototype } = peer.initializers.varianceScaling({}).constructor,
    { apply } = prototype;
  prototype.apply = function (...args) {
    const { scale } = this;
    if (this.distribution === 'normal') this.scale = scale / 0.87962566103423978 ** 2;
    try {
      return apply.apply(this, args);
    } finally {
      this.scale = scale;
    }
  };
  return peer;
}

/** A model trains the weights that were to be trained when it was compiled, also if it is frozen for the model it becomes
 * a part of. (There, freezing it leaves out those of its own layers, but not those of a model within it.) */
export function asCompiled(peer) {
  const container = Object.getPrototypeOf(peer.LayersModel.prototype),
    { get } = Object.getOwnPropertyDescriptor(container, 'trainable') ?? {};
  Object.defineProperty(container, 'trainable', {
    configurable: true,
    get:
      get ??
      function () {
        return this.trainable_;
      },
    set(value) {
      this.trainable_ = value;
    },
  });
  return peer;
}
