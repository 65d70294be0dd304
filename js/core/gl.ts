// The GPU: 'webgl' for setBackend, and how its results arrive without blocking the page.
import { registerDevice } from '../backend';
import { ENV } from '../env';
import * as core from './core';
import { TensorineError } from './errors';

/** False, with a line that says why, where there is no WebGL2 with float render targets. */
function start(): boolean {
  core.x.tn_gl_start();
  try {
    core.check();
  } catch (error) {
    if (!(error instanceof TensorineError)) throw error;
    console.warn(`tensorine: ${error.message}`);
    return false;
  }
  core.onArrival(arrival);
  return true;
}

/** Makes 'webgl' known to setBackend. */
export function offerWebGL(): void {
  registerDevice('webgl', { start, stop: () => { core.x.tn_gl_stop(); } });
  ENV.registerFlag('WEBGL_CPU_FORWARD', () => true, (on) => { core.x.tn_gl_forward(on ? 1 : 0); });
  ENV.registerFlag('WEBGL_CHECK_ERRORS', () => false, (on) => { core.x.tn_gl_debug(on ? 1 : 0); });
}

// ---- waiting: a message comes back at once, while timers are clamped to 4 ms

const EAGER = 5; // milliseconds during which it is asked again and again
const PATIENCE = 10000; // then the read itself waits: in some hosts a fence is never seen to pass

let channel: MessageChannel | null = null;
const waiting: (() => void)[] = [];

function turn(): Promise<void> {
  if (!channel) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => waiting.shift()?.();
  }
  return new Promise((go) => {
    waiting.push(go);
    channel!.port2.postMessage(0);
  });
}

async function finished(read: number): Promise<void> {
  const began = performance.now();
  for (let spent = 0; !core.x.tn_gl_read_done(read) && spent < PATIENCE; spent = performance.now() - began)
    await (spent < EAGER ? turn() : new Promise((go) => setTimeout(go, Math.min(10, spent / 4))));
  core.x.tn_gl_read_end(read);
  core.check();
}

function arrival(tensor: number): Promise<void> | null {
  const read = core.x.tn_gl_read_begin(tensor);
  return read ? finished(read) : null;
}
