// The GPU's context can be lost at any time: who is told, and where work goes on.
import { shown, TensorineError } from '../wasm/errors';
import { canvas } from '../wasm/host';
import { giveBack } from './backend';
import { want } from './want';

const EVENTS = { lost: 'webglcontextlost', restored: 'webglcontextrestored' } as const;
const listeners = { lost: new Set<() => void>(), restored: new Set<() => void>() };
let afterwards: 'webgl' | 'wasm' = 'webgl';
let watched: EventTarget | null = null;

function tell(which: keyof typeof EVENTS): void {
  for (const listener of [...listeners[which]]) listener();
}

function onLoss(): void {
  if (afterwards === 'wasm') giveBack('webgl');
  console.warn(
    `tensorine: the GPU context is lost. Work goes on on the CPU${afterwards === 'wasm' ? '' : ' until it is back'}; ` +
      'tensors that only the GPU held are gone, and reading one is an error.',
  );
  tell('lost');
}

/** Looks after the context in use, once; the core has listened before. */
export function watchContext(): void {
  const target = canvas?.gl.canvas;
  if (!target || target === watched) return;
  watched = target;
  target.addEventListener(EVENTS.lost, onLoss);
  target.addEventListener(EVENTS.restored, () => {
    if (afterwards === 'webgl') tell('restored');
  });
}

function listen(which: keyof typeof EVENTS, who: string, listener: () => void): () => void {
  want(who, { listener }, 'function');
  listeners[which].add(listener);
  return () => {
    listeners[which].delete(listener);
  };
}

/**
 * Calls listener whenever the GPU's context is lost: the driver was restarted, the page was long in the background. Ops
 * work on the CPU from then on; reads under way reject with an error of code 'device', and so does every read of a
 * tensor that only the GPU held. Weights in training go back to what they were at the end of the last epoch, or after
 * `trainOnBatch` about a second ago. Gives a function that ends it.
 * @example tf.webgl.onContextLost(() => console.log('on the CPU for now'))() // undefined
 */
export const onContextLost = (listener: () => void): (() => void) => listen('lost', 'webgl.onContextLost', listener);

/**
 * Calls listener when the context is back after a loss and ops work on the GPU again, unless
 * setContextLossBackend('wasm') was called. Gives a function that ends it.
 * @example tf.webgl.onContextRestored(() => console.log('on the GPU again'))() // undefined
 */
export const onContextRestored = (listener: () => void): (() => void) =>
  listen('restored', 'webgl.onContextRestored', listener);

/**
 * Where ops work after the context was lost and is back: on 'webgl', as it is at first, or for good on 'wasm', which is
 * then what getBackend() says from the loss on. Until it is back the CPU works in both cases.
 * @example tf.webgl.setContextLossBackend('webgl') // undefined
 */
export function setContextLossBackend(name: 'webgl' | 'wasm'): void {
  if (name !== 'webgl' && name !== 'wasm')
    throw new TensorineError(
      'value',
      `webgl.setContextLossBackend: name must be 'webgl' or 'wasm', but is ${shown(name)}`,
    );
  afterwards = name;
}
