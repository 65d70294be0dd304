// Where Tensorine goes Keras's way and TensorFlow.js does not, with no option between them: for the programs the peer
// is given Keras's rule. (Where there is an option, as compile's maskLoss, the program states it.)

/** A batchNormalization that is not trainable takes its running means in training too, and leaves them. */
export function asKeras(peer) {
  const { prototype } = peer.layers.batchNormalization().constructor, { call } = prototype;
  prototype.call = function (inputs, kwargs) {
    return call.call(this, inputs, this.trainable ? kwargs : { ...kwargs, training: false });
  };
  return peer;
}
