// MobileNet v1 0.25 for pictures of 224 x 224: where it is, loading it, what it takes.
import { data } from '../config.js';
import { Trouble } from './page.js';

const PUBLIC = 'https://storage.googleapis.com/tfjs-models/tfjs/mobilenet_v1_0.25_224/model.json';
const PUBLIC_LABELS =
  'https://raw.githubusercontent.com/anishathalye/imagenet-simple-labels/' +
  '49b674242995921182d6f24719c79c0a9a4b3084/imagenet-simple-labels.json';
export const SIDE = 224;

/** ?model=URL, else the dev server's copy, else the public one. */
const address = () =>
  new URLSearchParams(location.search).get('model') ??
  (data ? new URL('mobilenet_v1_025_224_layers/model.json', data).href : PUBLIC);

/** Loads the model while a line of status and a progress bar tell how far it is. */
export async function loadMobileNet(tf, status) {
  const url = address();
  const bar = status.appendChild(Object.assign(document.createElement('progress'), { value: 0, max: 1 }));
  const say = (text) => {
    status.firstElementChild.textContent = text;
  };
  say('Loading MobileNet');
  try {
    return await tf.loadLayersModel(url, {
      onProgress(fraction, bytes) {
        bar.value = fraction;
        if (bytes) say(`Loading MobileNet: ${(bytes.loaded / 1e6).toFixed(1)} of ${(bytes.total / 1e6).toFixed(1)} MB`);
      },
    });
  } catch (error) {
    say('No model');
    throw new Trouble(
      'MobileNet could not be loaded.',
      `It was looked for at ${url}. Check the connection, or give another address with ?model=URL.`,
      error,
    );
  } finally {
    bar.remove();
  }
}

/** What the model takes: [1, 224, 224, 3] from -1 to 1, of a canvas of 224 x 224. */
export const toInput = (tf, canvas) => tf.browser.fromPixels(canvas).toFloat().div(127.5).sub(1).expandDims(0);

/** Names of the 1000 classes; numbers where the names cannot be had. */
export async function loadLabels() {
  const sources = [...(data ? [new URL('labels/imagenet_1000_metadata.json', data)] : []), PUBLIC_LABELS];
  for (const url of sources) {
    try {
      const response = await fetch(url);
      const json = response.ok && (await response.json());
      if (json) return json.labels ?? json;
    } catch {
      /* the next one, or numbers */
    }
  }
  return null;
}

/** Draws the middle square of a picture or video on the canvas, filling it. */
export function drawSquare(source, canvas) {
  const width = source.videoWidth ?? source.naturalWidth ?? source.width;
  const height = source.videoHeight ?? source.naturalHeight ?? source.height;
  const side = Math.min(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(source, (width - side) / 2, (height - side) / 2, side, side, 0, 0, canvas.width, canvas.height);
}
