// Initializers, regularizers, constraints and activations of your own classes, by the names they
// are registered under.
import { AT } from '../core/at';
import * as core from '../core/core';
import { TensorineError } from '../core/errors';
import { entry } from '../core/lower';
import { describe, returned } from '../core/returned';
import { Borrowed, stringify, texts } from './lowering';
import { classNameOf, registeredAs, type ConfigDict } from './registered';

interface Saved {
  className: string;
  config: object;
}
interface OwnPart {
  apply(x: unknown, dtype?: string): unknown;
  getConfig(): object;
}

/** Whether a registered class is one of a part: a layer has apply(), too. */
const isPartClass = (cls: { prototype: object }): boolean =>
  'apply' in cls.prototype && !('computeOutputShape' in cls.prototype);

/** @internal A part of a registered class; null where none has the name. */
export function ownPart(className: string, config: object = {}): OwnPart | null {
  const found = registeredAs(className) ?? registeredAs(camelText(className)); // files say my_part
  const [cls, fromConfig] = found ?? [];
  if (!cls || !isPartClass(cls)) return null;
  const part = fromConfig!(cls, camel(config) as ConfigDict) as OwnPart;
  if (typeof part?.apply === 'function') return part;
  throw new TensorineError(
    'value',
    `${className}: fromConfig must give an object with apply(), but gave ${describe(part)}`,
  );
}

/** @internal True for an object of such a class. */
export function isOwnPart(value: unknown): value is OwnPart {
  if (!value || typeof value !== 'object') return false;
  const cls = value.constructor as { className?: string; prototype: object } | undefined;
  return (
    typeof cls?.className === 'string' && registeredAs(cls.className)?.[0] === (cls as unknown) && isPartClass(cls)
  );
}

/** @internal As files have it. */
export const ownJSON = (part: OwnPart): Saved => ({ className: classNameOf(part), config: part.getConfig?.() ?? {} });

/** @internal The core asks for a part's config in full; 0 where the class is not registered. */
export const ownConfig = (json: number): number =>
  entry(0, () => {
    const { className, config } = JSON.parse(core.text(json)) as Saved;
    const part = ownPart(className, config);
    return part ? texts(stringify(ownJSON(part), className))[0] : 0;
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
    const part = partFor(core.text(json)),
      who = classNameOf(part);
    const y = shape ? part.apply(JSON.parse(core.text(shape)), 'float32') : part.apply(new Borrowed(AT, x));
    return returned(y, `${who}: apply`).handle(who);
  });

const camelText = (text: string): string =>
  text.length <= 1 || !text.includes('_') ? text : text.replace(/_+(\w)/g, (_, c) => c.toUpperCase());

/** @internal A config of a file with names in camelCase. */
export function camel(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return name === 'name' ? value : camelText(value);
  if (Array.isArray(value)) return value.map((v) => camel(v));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [camelText(key), camel(v, key)]));
}
