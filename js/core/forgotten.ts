// Tensors that no scope owns are freed when JavaScript has forgotten them. Registering costs as much as a small op, so
// a tensor is registered only if it outlives the run of code that made it, or the next thousand tensors: most are
// disposed by then.
import { Tensor as layout } from '../generated/wasm/border';
import * as core from '../wasm/core';
import type { DataType } from './types';

// What lies in the core's memory the garbage collector does not see, so a larger tensor that is registered holds an
// empty buffer of its size: that is counted, but its pages are never touched. The registry is called in turns of the
// page only. So in a long run of code that forgets tensors, when those registered are many megabytes, the data of
// further ones moves into their buffers, which are collected at once; it moves back when such a tensor is used.
const YOUNG = 1000,
  YOUNG_BYTES = 1 << 26,
  LARGE = 1 << 16,
  MANY_BYTES = 1 << 28;
let young: Registrable[] = [],
  youngBytes = 0,
  heldBytes = 0; // of the buffers

interface Registrable {
  readonly size: number;
  register(): void;
}

/** What the registry keeps of a tensor. */
interface Handle {
  ptr: number;
  id: number;
  bytes: number; // of its buffer
}

const registry = new FinalizationRegistry<Handle>(({ ptr, id, bytes }) => {
  heldBytes -= bytes;
  if (core.i32()[(ptr + layout.id) >>> 2] === id) core.x.tn_dispose(ptr);
});

function register(): void {
  if (core.inCall()) return; // the core may be reading some of them
  const grown = young;
  young = [];
  youngBytes = 0;
  for (const t of grown) t.register();
}

/** Has a new tensor registered later, if it is still there. */
export function registerLater(t: Registrable): void {
  const n = young.push(t);
  youngBytes += 4 * t.size;
  if (n === 1) Promise.resolve().then(register);
  else registerMany();
}

/** Registers the young ones if they are many: what is made within a call waits for its end. */
export function registerMany(): void {
  if (young.length >= YOUNG || youngBytes > YOUNG_BYTES) register();
}

function bufferOf(bytes: number): ArrayBuffer | null {
  try {
    return new ArrayBuffer(bytes);
  } catch {
    return null;
  }
}

/** A tensor's entry in the registry, which the tensor holds. */
export class Registration {
  /** Whether the data is in the buffer instead of the core. */
  away = false;
  private readonly bytes: number;
  private buffer: ArrayBuffer | null = null;

  constructor(
    tensor: { id: number; size: number; dtype: DataType },
    private readonly ptr: number,
    kept: boolean, // by its program, so that it will not be forgotten soon, as weights of models
  ) {
    this.bytes = !kept && 4 * tensor.size >= LARGE ? 4 * tensor.size : 0;
    if (this.bytes) this.buffer = bufferOf(this.bytes);
    heldBytes += this.bytes;
    registry.register(tensor, { ptr, id: tensor.id, bytes: this.bytes }, this);
    if (this.bytes && heldBytes > MANY_BYTES) this.moveAway(tensor.dtype);
  }

  /** The data of bools and complex numbers, not four bytes each, stays. */
  private moveAway(dtype: DataType): void {
    const from = this.buffer && dtype !== 'bool' && dtype !== 'complex64' ? core.x.tn_movable(this.ptr) >>> 0 : 0;
    if (!from) return;
    new Uint8Array(this.buffer!).set(core.u8().subarray(from, from + this.bytes));
    core.x.tn_move_away(this.ptr);
    this.away = true;
  }

  moveBack(): void {
    const to = core.x.tn_move_back(this.ptr) >>> 0;
    core.check();
    core.u8().set(new Uint8Array(this.buffer!), to);
    this.buffer = bufferOf(this.bytes);
    this.away = false;
  }

  /** The tensor is disposed. */
  end(): void {
    if (registry.unregister(this)) heldBytes -= this.bytes;
    this.buffer = null;
    this.away = false;
  }
}
