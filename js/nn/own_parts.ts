// Initializers, regularizers, constraints and activations of your own: by the names that their classes are registered
// under, or as objects, which have names for the core.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { entry } from '../core/arguments';
import { AT } from '../core/at';
import { answer, Borrowed, call, pointers, stringify } from '../core/calls';
import { isObject } from '../core/kinds';
import { camelCase, normalized } from '../core/names';
import { describe, returned } from '../core/returned';
import { strings } from '../core/strings';
import { anyRegistered, classNameOf, registeredAs, type ConfigDict } from './registered';

interface Saved {
  className: string;
  config: object;
}
interface OwnPart {
  apply(x: unknown, dtype?: string): unknown;
  getConfig?(): object;
  getClassName?(): string;
}

/** Whether a registered class is one of a part: a layer has apply(), too. */
const isPartClass = (cls: { prototype: object }): boolean =>
  'apply' in cls.prototype && !('computeOutputShape' in cls.prototype);

// ---- objects whose classes are not registered: the core has a name for each ----

const named = new Map<string, OwnPart>(),
  names = new WeakMap<OwnPart, string>();
let known: Set<string> | undefined;

/** Whether the name means something else. */
function isTaken(name: string): boolean {
  known ??= new Set(
    Object.values(answer<{ [kind: string]: string[] }>('layers', () => core.x.tn_class_names()))
      .flat()
      .map(normalized),
  );
  return named.has(name) || known.has(normalized(name)) || Boolean(registeredAs(name));
}

/** Its own name, with a number where that is taken. */
function nameFor(part: OwnPart): string {
  const given = names.get(part);
  if (given) return given;
  const own = String(part.getClassName?.() ?? classNameOf(part));
  let name = own;
  for (let i = 1; isTaken(name); i++) name = `${own}_${i}`;
  names.set(part, name);
  named.set(name, part);
  listenForParts();
  return name;
}

/** @internal The part that a name stands for, or one of a registered class; null where none has the name. */
export function ownPart(className: string, config: object = {}): OwnPart | null {
  const object = named.get(className);
  if (object) return object;
  const found = registeredAs(className) ?? registeredAs(camelCase(className)); // files say my_part
  const [cls, fromConfig] = found ?? [];
  if (!cls || !isPartClass(cls)) return null;
  const part = fromConfig!(cls, inCamelCase(config) as ConfigDict) as OwnPart;
  if (typeof part?.apply === 'function') return part;
  throw new TensorineError(
    'value',
    `${className}: fromConfig must give an object with apply(), but gave ${describe(part)}`,
  );
}

/** @internal True for an object of such a class. */
export function isRegisteredPart(value: object): boolean {
  const cls = value.constructor as { className?: string; prototype: object } | undefined;
  return (
    typeof cls?.className === 'string' && registeredAs(cls.className)?.[0] === (cls as unknown) && isPartClass(cls)
  );
}

/** @internal True for what can be applied, and is no layer. */
export const isOwnPart = (value: unknown): value is OwnPart =>
  isObject(value) && typeof (value as OwnPart).apply === 'function' && !('computeOutputShape' in value);

/** @internal As files have it. An object whose apply() was replaced is not what its class would make again. */
export const ownJSON = (part: OwnPart): Saved => ({
  className: isRegisteredPart(part) && !Object.hasOwn(part, 'apply') ? classNameOf(part) : nameFor(part),
  config: part.getConfig?.() ?? {},
});

/** @internal The core asks for a part's config in full; 0 where the class is not registered. */
export const ownConfig = (json: number): number =>
  entry(0, () => {
    const { className, config } = JSON.parse(core.text(json)) as Saved;
    const part = ownPart(className, config);
    return part ? strings(stringify(ownJSON(part), className))[0] : 0;
  });

/** Objects by what they are made of, each as long as its class is the registered one. */
const made = new Map<string, { cls: unknown; part: OwnPart }>();

function partFor(json: string): OwnPart {
  const { className, config } = JSON.parse(json) as Saved,
    cls = registeredAs(className)?.[0];
  const known = made.get(json);
  if (known && known.cls === cls) return known.part;
  const part = ownPart(className, config);
  if (!part) throw new TensorineError('value', `${className} is no longer registered`);
  made.set(json, { cls, part });
  return part;
}

/** @internal The core applies a part: to a tensor, or an initializer to a shape. */
export const applyOwn = (json: number, x: number, shape: number): number =>
  entry(0, () => {
    const sizes = shape && (JSON.parse(core.text(shape)) as number[]); // before the core writes other strings there
    const part = partFor(core.text(json)),
      who = classNameOf(part);
    const y = sizes ? part.apply(sizes, 'float32') : part.apply(new Borrowed(AT, x));
    return returned(y, `${who}: apply`).handle(who);
  });

let listening = false;

/** @internal Until a program has parts of its own, the core need not ask for each part of a layer. */
export function listenForParts(): void {
  if (listening || !(anyRegistered() || named.size)) return;
  listening = true;
  const functions = [core.callback('ii', ownConfig), core.callback('iiii', applyOwn)];
  call('layers', () => core.x.tn_on_part(pointers(functions) + 4));
}

/** @internal A config of a file with names in camelCase. */
export function inCamelCase(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return name === 'name' ? value : camelCase(value);
  if (Array.isArray(value)) return value.map((v) => inCamelCase(v));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [camelCase(key), inCamelCase(v, key)]));
}
