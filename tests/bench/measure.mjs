// Timing of two sides in turn. A result is a ratio: both sides ran in the same seconds on the same
// machine, so what else the machine does hits both.
import { cpus, totalmem } from 'node:os';

const ROUND_MS = 60; // what one round takes, at least one call
const now = () => performance.now();

export const median = (list) => {
  const sorted = [...list].sort((a, b) => a - b),
    middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Milliseconds of one call, over `calls` calls; awaits only what is a promise. */
async function time(f, calls) {
  const start = now();
  for (let i = 0; i < calls; i++) {
    const done = f();
    if (done instanceof Promise) await done;
  }
  return (now() - start) / calls / (f.per ?? 1);
}

/** Warms up until a call's time settles, and returns how many calls make a round. */
async function calibrate(f, slow) {
  const first = (await time(f, 1)) * (f.per ?? 1);
  if (slow) return 1;
  for (let spent = first; spent < 4 * ROUND_MS;) spent += (await time(f, 1)) * (f.per ?? 1) + 0.001;
  const each = (await time(f, Math.max(1, Math.ceil(10 / Math.max(first, 0.001))))) * (f.per ?? 1);
  return Math.max(1, Math.round(ROUND_MS / each));
}

/** Times two pieces of work in turn; milliseconds of each and how many times faster the first is. */
export async function compare(ours, theirs, { rounds = 9, slow = false } = {}) {
  const calls = [await calibrate(ours, false), await calibrate(theirs, slow)];
  const times = [[], []];
  for (let round = 0; round < (slow ? 3 : rounds); round++) {
    times[0].push(await time(ours, calls[0]));
    times[1].push(await time(theirs, calls[1]));
  }
  const ratios = times[0].map((t, i) => times[1][i] / t);
  return { ours: median(times[0]), theirs: median(times[1]), ratio: median(ratios), rounds: ratios.length };
}

export const machine = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  host: `Node ${process.versions.node}`,
  date: new Date().toISOString().slice(0, 16),
});

const unit = (ms) =>
  ms < 0.01 ? `${(ms * 1e3).toFixed(2)} us` : ms < 10 ? `${ms.toFixed(3)} ms` : `${ms.toFixed(1)} ms`;

export function line({ name, ours, theirs, ratio, peer }) {
  return `${name.padEnd(44)}${unit(ours).padStart(11)}${unit(theirs).padStart(12)}${ratio.toFixed(1).padStart(8)}x   ${peer}`;
}

export const heading = () => `${''.padEnd(44)}${'ours'.padStart(11)}${'theirs'.padStart(12)}${'ratio'.padStart(9)}`;
