// tf.data.microphone: what a microphone hears, as spectrograms and waveforms.
import { TensorineError } from '../wasm/errors';
import type { Tensor } from '../core/tensor';
import { warnUnknown } from '../core/warn';
import { tensor } from '../api/create';
import { LazyIterator } from './iterator';
import { closeStream, deviceError, openStream } from './media';

export interface MicrophoneConfig {
  /** Samples a second that must come; default: what the device gives. */
  sampleRateHz?: number;
  /** Frequencies of a spectrum: a power of 2 from 16 to 16384; default 1024. */
  fftSize?: number;
  /** How many of them are kept, from the lowest; default: all. */
  columnTruncateLength?: number;
  /** Spectra of one element, one after the other in time; default 43. */
  numFramesPerSpectrogram?: number;
  /** Which microphone, and how it hears. */
  audioTrackConstraints?: MediaTrackConstraints;
  /** How much of the spectrum before is mixed in: 0 to 1; default 0. */
  smoothingTimeConstant?: number;
  /** Default true. */
  includeSpectrogram?: boolean;
  /** Default false. */
  includeWaveform?: boolean;
}

export interface Sound {
  /** Decibels [frames, frequencies, 1]. */
  spectrogram?: Tensor;
  /** Samples [frames * fftSize, 1]. */
  waveform?: Tensor;
}

type Frames = Float32Array<ArrayBuffer>[];

const RESUME_MS = 1000;

/** Frames at the end of a tensor of the shape; zeros before them, if they are few. */
function lastOf(frames: Frames, shape: number[]): Tensor {
  const values = new Float32Array(shape[0] * shape[1]);
  let at = values.length - frames.reduce((sum, { length }) => sum + length, 0);
  for (const frame of frames) {
    values.set(frame, at);
    at += frame.length;
  }
  return tensor(values, shape);
}

/** Elements from a microphone, without end until stop(). */
export class MicrophoneIterator extends LazyIterator<Sound> {
  private readonly fftSize: number;
  private readonly frames: number;
  private readonly columns: number;
  private readonly hearsSpectrogram: boolean;
  private readonly hearsWaveform: boolean;
  private sampleRate: number | undefined;
  private stream: MediaStream | null = null;
  private context: AudioContext | null = null;
  private analyser: AnalyserNode | null = null;

  /** @internal Use tf.data.microphone. */
  constructor(protected readonly microphoneConfig: MicrophoneConfig) {
    super();
    const { fftSize, numFramesPerSpectrogram, sampleRateHz, columnTruncateLength } = microphoneConfig;
    this.fftSize = fftSize || 1024;
    const power = Math.log2(this.fftSize);
    if (!(power >= 4 && power <= 14 && Number.isInteger(power)))
      throw new TensorineError(
        'value',
        `Invalid fftSize: it must be a power of 2 between 2 to 4 and 2 to 14, but got ${this.fftSize}`,
      );
    this.frames = numFramesPerSpectrogram || 43;
    this.columns = columnTruncateLength || this.fftSize;
    this.sampleRate = sampleRateHz;
    this.hearsSpectrogram = microphoneConfig.includeSpectrogram !== false;
    this.hearsWaveform = microphoneConfig.includeWaveform === true;
    if (!this.hearsSpectrogram && !this.hearsWaveform)
      throw new TensorineError(
        'value',
        'Both includeSpectrogram and includeWaveform are false. ' + 'At least one type of data should be returned.',
      );
  }

  summary(): string {
    return 'microphone';
  }

  static async create(config: MicrophoneConfig = {}): Promise<MicrophoneIterator> {
    warnUnknown(
      'microphone',
      config,
      '',
      'sampleRateHz fftSize columnTruncateLength numFramesPerSpectrogram audioTrackConstraints ' +
        'smoothingTimeConstant includeSpectrogram includeWaveform',
    );
    if (typeof navigator === 'undefined' || typeof AudioContext === 'undefined')
      throw new TensorineError('device', 'microphone API is only supported in browser environment.');
    const iterator = new MicrophoneIterator(config);
    await iterator.start();
    return iterator;
  }

  /** Asks for the microphone and listens; again, after stop(). */
  async start(): Promise<void> {
    this.stop();
    this.stream = await openStream('audio', this.microphoneConfig.audioTrackConstraints ?? true);
    try {
      this.context = new AudioContext();
      this.listen(this.context, this.stream);
      // Some hosts hear only after a click, and promise nothing until then.
      await Promise.race([this.context.resume?.(), new Promise((go) => setTimeout(go, RESUME_MS))]);
    } catch (error) {
      this.stop();
      throw error instanceof TensorineError ? error : deviceError('audio', error);
    }
  }

  private listen(context: AudioContext, stream: MediaStream): void {
    const wanted = this.microphoneConfig.sampleRateHz;
    if (wanted && context.sampleRate !== wanted)
      throw new TensorineError(
        'device',
        `Mismatch in sampling rate: Expected: ${wanted}; Actual: ${context.sampleRate}`,
      );
    this.sampleRate = context.sampleRate;
    const analyser = context.createAnalyser();
    analyser.fftSize = this.fftSize * 2;
    analyser.smoothingTimeConstant = this.microphoneConfig.smoothingTimeConstant || 0;
    context.createMediaStreamSource(stream).connect(analyser);
    this.analyser = analyser;
  }

  async next(): Promise<IteratorResult<Sound>> {
    if (!this.analyser) return { value: null, done: true };
    const { spectra, waves } = await this.hear(this.analyser);
    const value: Sound = {};
    if (this.hearsSpectrogram) value.spectrogram = lastOf(spectra, [this.frames, this.columns, 1]);
    if (this.hearsWaveform) value.waveform = lastOf(waves, [this.frames * this.fftSize, 1]);
    return { value, done: false };
  }

  /** One frame each time that as many samples have come as a frame has; fewer, if it gets silent. */
  private hear(analyser: AnalyserNode): Promise<{ spectra: Frames; waves: Frames }> {
    const spectra: Frames = [],
      waves: Frames = [];
    const spectrum = new Float32Array(this.fftSize),
      wave = new Float32Array(this.fftSize);
    return new Promise((resolve) => {
      let frames = 0;
      const timer = setInterval(
        () => {
          let silent = false;
          if (this.hearsSpectrogram) {
            analyser.getFloatFrequencyData(spectrum);
            silent = spectrum[0] === -Infinity;
            spectra.push(spectrum.slice(0, this.columns));
          }
          if (this.hearsWaveform) {
            analyser.getFloatTimeDomainData(wave);
            waves.push(wave.slice());
          }
          if (++frames < this.frames && !silent) return;
          clearInterval(timer);
          resolve({ spectra, waves });
        },
        (this.fftSize / this.sampleRate!) * 1000,
      );
    });
  }

  /** The next element; null if the microphone is stopped. */
  async capture(): Promise<Sound> {
    return (await this.next()).value;
  }

  /** Releases the microphone. */
  stop(): void {
    this.analyser?.disconnect();
    this.context?.close();
    closeStream(this.stream);
    this.analyser = this.context = this.stream = null;
  }

  override toArray(): Promise<Sound[]> {
    throw new TensorineError('value', 'Can not convert infinite audio stream to array.');
  }

  getSampleRate(): number {
    return this.sampleRate!;
  }
}

/** Opens a microphone. */
export const microphone = (config?: MicrophoneConfig): Promise<MicrophoneIterator> => MicrophoneIterator.create(config);
