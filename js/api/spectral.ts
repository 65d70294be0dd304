// tf.spectral: the Fourier transforms under the name they have there too.
export { fft, ifft, irfft, rfft } from '../generated/ops/ops';
