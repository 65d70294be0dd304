// tf.data.webcam: what a camera sees, as tensors.
import { TensorineError } from '../wasm/errors';
import { tidy } from '../core/scopes';
import type { Tensor3D } from '../core/tensor';
import { warnUnknown } from '../core/warn';
import { image } from '../generated/ops/index';
import { fromPixels } from '../api/browser';
import { tensor } from '../api/create';
import { LazyIterator } from './iterator';
import { closeStream, deviceError, openStream } from './media';

export interface WebcamConfig {
  /** The front or the back camera; default 'user', the front one. */
  facingMode?: 'user' | 'environment';
  /** One camera, by its id. */
  deviceId?: string;
  /** Size of the tensors; default: that of the video element. */
  resizeWidth?: number;
  resizeHeight?: number;
  /** Whether the middle of the picture is cut out instead of making all of it smaller. */
  centerCrop?: boolean;
}

/** Pictures of a camera [height, width, 3], without end until stop(). */
export class WebcamIterator extends LazyIterator<Tensor3D> {
  private running = false;
  private stream: MediaStream | null = null;

  /** @internal Use tf.data.webcam. */
  constructor(
    protected readonly webcamVideoElement: HTMLVideoElement,
    protected readonly webcamConfig: WebcamConfig,
  ) {
    super();
  }

  summary(): string {
    return 'webcam';
  }

  static async create(element?: HTMLVideoElement | null, config: WebcamConfig = {}): Promise<WebcamIterator> {
    warnUnknown('webcam', config, '', 'facingMode deviceId resizeWidth resizeHeight centerCrop');
    if (typeof document === 'undefined')
      throw new TensorineError('device', 'tf.data.webcam is only supported in browser environment.');
    let video = element;
    if (!video) {
      if (!config.resizeWidth || !config.resizeHeight)
        throw new TensorineError(
          'value',
          'Please provide webcam video element, or resizeWidth and ' + 'resizeHeight to create a hidden video element.',
        );
      video = document.createElement('video');
      video.width = config.resizeWidth;
      video.height = config.resizeHeight;
      video.muted = video.playsInline = true;
    }
    const iterator = new WebcamIterator(video, config);
    await iterator.start();
    return iterator;
  }

  /** Asks for the camera and shows it in the video element; again, after stop(). */
  async start(): Promise<void> {
    const {
      webcamVideoElement: video,
      webcamConfig: { facingMode = 'user', deviceId },
    } = this;
    if (facingMode !== 'user' && facingMode !== 'environment')
      throw new TensorineError(
        'value',
        `Invalid webcam facing mode: ${facingMode}. Please provide 'user' or 'environment'`,
      );
    this.stop();
    this.stream = await openStream('video', {
      deviceId,
      facingMode,
      ...(video.width && { width: video.width }),
      ...(video.height && { height: video.height }),
    });
    try {
      const seen = new Promise<void>((resolve, reject) => {
        video.addEventListener('loadeddata', () => resolve(), { once: true });
        video.addEventListener('error', () => reject(video.error), { once: true });
      });
      video.srcObject = this.stream;
      // Pages may not let videos play before a click, or move the element: pictures come all the same.
      video.play()?.catch((error) => console.warn(`tensorine: webcam: ${error.message}`));
      await seen;
    } catch (error) {
      this.stop();
      throw deviceError('video', error);
    }
    this.running = true;
  }

  async next(): Promise<IteratorResult<Tensor3D>> {
    if (!this.running) return { value: null, done: true };
    const seen = fromPixels(this.webcamVideoElement);
    if (!this.resizes) return { value: seen, done: false };
    try {
      return { value: this.cropAndResizeFrame(seen), done: false };
    } finally {
      seen.dispose();
    }
  }

  private get resizes(): boolean {
    const {
      webcamVideoElement: video,
      webcamConfig: { resizeWidth, resizeHeight },
    } = this;
    return !!resizeWidth && !!resizeHeight && (video.width !== resizeWidth || video.height !== resizeHeight);
  }

  /** The part of a picture that is cut out: [top, left, bottom, right] of 1. */
  private get box(): number[] {
    const {
      webcamVideoElement: video,
      webcamConfig: { resizeWidth, resizeHeight, centerCrop },
    } = this;
    if (!centerCrop) return [0, 0, 1, 1];
    const width = resizeWidth! / (video.width || video.videoWidth);
    const height = resizeHeight! / (video.height || video.videoHeight);
    return [(1 - height) / 2, (1 - width) / 2, (1 + height) / 2, (1 + width) / 2];
  }

  /** A picture in the size that was asked for. */
  cropAndResizeFrame(img: Tensor3D): Tensor3D {
    const { resizeWidth, resizeHeight } = this.webcamConfig;
    return tidy(() =>
      image
        .cropAndResize(
          img.toFloat().expandDims(0),
          tensor([this.box]),
          tensor([0], [1], 'int32'),
          [resizeHeight!, resizeWidth!],
          'bilinear',
        )
        .squeeze([0]),
    );
  }

  /** The current picture; null if the camera is stopped. */
  async capture(): Promise<Tensor3D> {
    return (await this.next()).value;
  }

  /** Releases the camera. */
  stop(): void {
    this.running = false;
    if (!this.stream) return;
    closeStream(this.stream);
    this.stream = null;
    this.webcamVideoElement.srcObject = null;
  }

  override toArray(): Promise<Tensor3D[]> {
    throw new TensorineError('value', 'Can not convert infinite video stream to array.');
  }
}

/** Opens a camera, and shows it in a video element if one is given. */
export const webcam = (element?: HTMLVideoElement | null, config?: WebcamConfig): Promise<WebcamIterator> =>
  WebcamIterator.create(element, config);
