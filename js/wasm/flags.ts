// Switches that must be known before the core starts, from globalThis.TENSORINE_FLAGS or, in Node,
// the environment variable of that name: "relaxed=0,threads=4", or an object with the same names.

export interface Flags {
  /** Relaxed SIMD where the host has it (fused multiply-add); default true. */
  relaxed: boolean;
  /** Shared memory where the host has it, without which there are no threads; default true. */
  shared: boolean;
  /** Threads to begin with; 0, the default: one in Node, up to 8 in an isolated page. */
  threads: number;
}

type Host = {
  TENSORINE_FLAGS?: string | Partial<Flags>;
  process?: { env?: Record<string, string | undefined> };
  Deno?: { permissions?: { querySync?(of: { name: 'env'; variable: string }): { state: string } } };
};

/** The environment variable. Deno throws where it may not be read, and asks the person at a terminal. */
function variable({ process, Deno }: Host): string {
  const state = Deno?.permissions?.querySync?.({ name: 'env', variable: 'TENSORINE_FLAGS' }).state ?? 'granted';
  return (state === 'granted' && process?.env?.TENSORINE_FLAGS) || '';
}

export function readFlags(): Flags {
  const flags: Flags = { relaxed: true, shared: true, threads: 0 };
  const host = globalThis as Host;
  const given = host.TENSORINE_FLAGS ?? variable(host);
  const pairs =
    typeof given === 'string'
      ? given
          .split(',')
          .filter(Boolean)
          .map((pair) => pair.split('='))
      : Object.entries(given);
  for (const [name, value = 1] of pairs) {
    if (name === 'threads') flags.threads = Number(value) || 0;
    else if (name === 'relaxed' || name === 'shared') flags[name] = Boolean(Number(value));
    else throw new Error(`tensorine: unknown flag ${name} (relaxed, shared, threads)`);
  }
  return flags;
}
