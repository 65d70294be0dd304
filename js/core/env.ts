// tf.env(): what the host can do, and switches. Flags of TensorFlow.js that have no meaning here
// can be set and read like any other, so that programs which set them go on working.
import { TensorineError } from '../wasm/errors';
import { features } from '../wasm/host';
import { isNode } from '../wasm/node';
import { setDebugging } from './debug';
import { isTyped } from './kinds';
import { want } from './want';

export type FlagValue = number | boolean | string;
export interface FlagRegistryEntry {
  evaluationFn: () => FlagValue | Promise<FlagValue>;
  setHook?: (value: FlagValue) => void;
}
export type Flags = { [name: string]: FlagValue };

const agent = (): string => globalThis.navigator?.userAgent ?? '';
const isBrowser = (): boolean =>
  !isNode && (typeof document !== 'undefined' || typeof WorkerGlobalScope !== 'undefined');
declare const WorkerGlobalScope: unknown;

/** Facts of the host, each found when it is first asked for. */
const FOUND: Record<string, () => FlagValue> = {
  PROD: () => false,
  IS_BROWSER: isBrowser,
  IS_NODE: () => isNode,
  IS_CHROME: () => isBrowser() && /Chrome/.test(agent()),
  IS_SAFARI: () => isBrowser() && /Safari/.test(agent()) && /Apple/.test(globalThis.navigator?.vendor ?? ''),
  IS_TEST: () => false,
  WASM_HAS_SIMD_SUPPORT: () => true,
  WASM_HAS_RELAXED_SIMD_SUPPORT: () => features().relaxed,
  WASM_HAS_MULTITHREAD_SUPPORT: () => features().shared,
  DEPRECATION_WARNINGS_ENABLED: () => true,
  TENSORLIKE_CHECK_SHAPE_CONSISTENCY: () => ENV.getBool('DEBUG'),
};

/** Names a program may set though nothing here reads them. */
const ACCEPTED =
  /^(WEBGL|WEBGL2|WEBGPU|WASM|CPU|TOPK|CANVAS2D|TENSORLIKE|SOFTWARE|KEEP|USE|WRAP|CHECK|ENGINE|TOPOLOGICAL)_\w+$/;

/** What the host offers; tests put another in its place by setPlatform. */
export interface Platform {
  fetch(path: string, init?: RequestInit, options?: { isBinary?: boolean }): Promise<Response>;
  now(): number;
  encode(text: string, encoding: string): Uint8Array;
  decode(bytes: Uint8Array, encoding: string): string;
  isTypedArray?(value: unknown): boolean;
  setTimeoutCustom?(f: () => void, delayMs: number): void;
}

const PLATFORM: Platform = {
  fetch: (path, init) => globalThis.fetch(path, init),
  now: () => performance.now(),
  encode: (text) => new TextEncoder().encode(text),
  decode: (bytes, encoding) => new TextDecoder(encoding).decode(bytes),
  isTypedArray: isTyped,
  setTimeoutCustom: (f, delayMs) => {
    setTimeout(f, delayMs);
  },
};

type Global = { location?: { search?: string } };

/** The value that a string says: true, false, a number, else the string. */
const flagValue = (text: string): FlagValue =>
  text === 'true' || (text !== 'false' && (text !== '' && String(Number(text)) === text ? Number(text) : text));

/**
 * Flags: facts that are found when they are first asked for, and switches. tf.env() is the one there is.
 * @example new tf.Environment().getBool('IS_TEST') // false
 */
export class Environment {
  platformName = isNode ? 'node' : 'browser';
  platform: Platform = PLATFORM;
  private flags: Flags = {};
  /** How each flag is found, and what to do when it is set. */
  readonly flagRegistry: { [name: string]: FlagRegistryEntry } = Object.fromEntries(
    Object.entries(FOUND).map(([name, evaluationFn]) => [name, { evaluationFn }]),
  );
  /** The flags in the address of the page. */
  readonly urlFlags: Flags;

  constructor(readonly global: Global = globalThis) {
    want('Environment', { global }, 'object');
    this.urlFlags = this.flagsOfAddress();
  }

  /** ?tfjsflags=NAME:value,NAME:value */
  private flagsOfAddress(): Flags {
    const { tfjsflags } = this.getQueryParams(this.global.location?.search ?? '');
    const pairs = (tfjsflags ?? '')
      .split(',')
      .filter(Boolean)
      .map((pair) => pair.split(':', 2));
    return Object.fromEntries(pairs.map(([name, value]) => [name, flagValue(value ?? '')]));
  }

  /** A flag of your own: how its value is found, and what to do when it is set. */
  registerFlag(
    name: string,
    evaluate: () => FlagValue | Promise<FlagValue>,
    setHook?: (value: FlagValue) => void,
  ): void {
    want('registerFlag', { name }, 'string');
    want('registerFlag', { evaluate }, 'function');
    want('registerFlag', { setHook }, 'function?');
    this.flagRegistry[name] = { evaluationFn: evaluate, setHook };
    if (Object.hasOwn(this.urlFlags, name)) this.set(name, this.urlFlags[name]);
  }

  get(name: string): FlagValue {
    want('env().get', { name }, 'string');
    if (Object.hasOwn(this.flags, name)) return this.flags[name];
    const value = Object.hasOwn(this.urlFlags, name) ? this.urlFlags[name] : this.entry(name)?.evaluationFn();
    if (value === undefined && !ACCEPTED.test(name))
      throw new TensorineError('value', `Cannot evaluate flag '${name}': no evaluation function found.`);
    if (value instanceof Promise)
      throw new TensorineError(
        'value',
        `Flag ${name} cannot be synchronously evaluated. Please use getAsync() instead.`,
      );
    return (this.flags[name] = value ?? false);
  }

  async getAsync(name: string): Promise<FlagValue> {
    want('env().getAsync', { name }, 'string');
    const entry = this.entry(name);
    if (entry && !Object.hasOwn(this.flags, name)) this.flags[name] = await entry.evaluationFn();
    return this.get(name);
  }

  getBool(name: string): boolean {
    return this.get(name) as boolean;
  }
  getNumber(name: string): number {
    return this.get(name) as number;
  }
  getString(name: string): string {
    return this.get(name) as string;
  }

  set(name: string, value: FlagValue): void {
    want('env().set', { name }, 'string');
    if (!this.entry(name) && !ACCEPTED.test(name))
      throw new TensorineError('value', `Cannot set flag ${name} as it has not been registered.`);
    this.flags[name] = value;
    this.entry(name)?.setHook?.(value);
  }

  private entry(name: string): FlagRegistryEntry | undefined {
    return Object.hasOwn(this.flagRegistry, name) ? this.flagRegistry[name] : undefined;
  }

  setFlags(flags: Flags): void {
    want('env().setFlags', { flags }, 'object');
    this.flags = { ...flags };
  }
  getFlags(): Flags {
    return this.flags;
  }
  get features(): Flags {
    return this.flags;
  }

  /** Replaces the platform that was found. */
  setPlatform(platformName: string, platform: Platform): void {
    this.platformName = platformName;
    this.platform = platform;
  }

  /** The parts of an address's query. */
  getQueryParams(query: string): { [name: string]: string } {
    want('env().getQueryParams', { query }, 'string');
    return query ? Object.fromEntries(new URLSearchParams(query)) : {};
  }

  /** Forgets what was set and found. */
  reset(): void {
    this.flags = {};
    for (const [name, { setHook }] of Object.entries(this.flagRegistry)) setHook?.(this.get(name));
  }
}

/**
 * What tf.env() gives.
 * @example tf.ENV === tf.env() // true
 */
export const ENV = new Environment();
ENV.registerFlag(
  'DEBUG',
  () => false,
  (on) => {
    setDebugging(Boolean(on));
    if (on) console.warn('Debugging mode is ON. Every result is searched for NaN and infinities, which takes time.');
  },
);
/**
 * What the host can do, and switches: tf.env().set('DEBUG', true).
 * @example tf.env().getBool('WASM_HAS_SIMD_SUPPORT') // true
 */
export const env = (): Environment => ENV;

/** Leaves out checks that cost time; here none do, so this only sets the flag. */
export function enableProdMode(): void {
  ENV.set('PROD', true);
}

/** From now on values with a NaN or an infinity are refused, and the op that makes one is named in a
 * warning. Every result is read for that, also from the GPU. */
export function enableDebugMode(): void {
  ENV.set('DEBUG', true);
}

/** No more warnings of deprecated names. */
export function disableDeprecationWarnings(): void {
  ENV.set('DEPRECATION_WARNINGS_ENABLED', false);
  console.warn('TensorFlow.js deprecation warnings have been disabled.');
}

/** Puts another platform in the place of the one that was found. */
export function setPlatform(platformName: string, platform: Platform): void {
  ENV.setPlatform(platformName, platform);
}

/** Warns of a deprecated name, unless such warnings are off. */
export function deprecationWarn(message: string): void {
  if (!ENV.getBool('DEPRECATION_WARNINGS_ENABLED')) return;
  console.warn(`${message} You can disable deprecation warnings with tf.disableDeprecationWarnings().`);
}
