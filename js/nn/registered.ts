// Classes that can be saved, by the names that files have for them.
import { TensorineError } from '../wasm/errors';
import { want } from '../core/want';

export type ConfigDictValue = boolean | number | string | null | ConfigDictArray | ConfigDict;
export interface ConfigDict {
  [key: string]: ConfigDictValue;
}
export interface ConfigDictArray extends Array<ConfigDictValue> {}

export interface SerializableConstructor<T extends Serializable> {
  new (...args: any[]): T;
  className: string;
  fromConfig?: FromConfigMethod<T>;
}
export type FromConfigMethod<T extends Serializable> = (cls: SerializableConstructor<T>, config: ConfigDict) => T;

/** Base of classes whose objects can be saved as a config and made from it again. */
export abstract class Serializable {
  getClassName(): string {
    return classNameOf(this);
  }
  abstract getConfig(): Record<string, any>;
  static fromConfig<T extends Serializable>(cls: SerializableConstructor<T>, config: ConfigDict): T {
    want('fromConfig', { cls }, 'class');
    return new cls(config);
  }
}

/** @internal The static className of an object's class, else the class's name. */
export function classNameOf(object: object): string {
  const cls = object.constructor as { className?: string; name: string };
  return cls.className ?? cls.name;
}

/** Classes by name. */
export class SerializationMap {
  private static instance: SerializationMap | undefined;
  /** Those that programs registered, and those of the library. */
  readonly classNameMap: { [className: string]: [SerializableConstructor<any>, FromConfigMethod<any>] } =
    Object.create(null);

  static getMap(): SerializationMap {
    SerializationMap.instance ??= new SerializationMap();
    SerializationMap.instance.addKnown();
    return SerializationMap.instance;
  }

  static register<T extends Serializable>(cls: SerializableConstructor<T>): void {
    (SerializationMap.instance ??= new SerializationMap()).classNameMap[cls.className] = [
      cls,
      cls.fromConfig ?? Serializable.fromConfig,
    ];
    own.add(cls.className);
  }

  private addKnown(): void {
    for (const cls of known?.() ?? []) this.classNameMap[cls.className] ??= [cls, cls.fromConfig!];
    known = null;
  }
}

const own = new Set<string>();
let known: (() => SerializableConstructor<any>[]) | null = null;

/** @internal Sets the library's classes; f is called once, when they are needed. */
export function setKnownClasses(f: () => SerializableConstructor<any>[]): void {
  known = f;
}

/** @internal True once a program has registered a class. */
export const anyRegistered = (): boolean => own.size > 0;

/** @internal What a program registered under a name. */
export const registeredAs = (className: string): [SerializableConstructor<any>, FromConfigMethod<any>] | undefined =>
  own.has(className) ? SerializationMap.getMap().classNameMap[className] : undefined;

const registered = new Map<unknown, string>();

/**
 * Lets files name a class: one with a static className, that is made from what getConfig() gives. A
 * class with apply() may be an initializer, regularizer, constraint or activation of layers.
 * A class of layers named 'Lambda' stands in for the Lambdas of Keras's files, whose code is Python: it is made with
 * their configs, and config.name says which one it is.
 * pkg and name make the name it is registered under, 'Custom>Name'.
 * @example tf.serialization.registerClass(class Mine extends tf.layers.Layer { static className = 'Mine'; }).className // "Mine"
 */
export function registerClass<T extends Serializable>(
  cls: SerializableConstructor<T>,
  pkg = 'Custom',
  name?: string,
): SerializableConstructor<T> {
  want('registerClass', { cls }, 'class');
  const fail = (text: string) => {
    throw new TensorineError('value', `registerClass: ${text}`);
  };
  if (cls.className === undefined || cls.className === null)
    fail('Class being registered does not have the static className property defined.');
  if (typeof cls.className !== 'string')
    fail(`className is required to be a string, but got type ${typeof cls.className}`);
  if (!cls.className.length) fail('Class being registered has an empty-string as its className, which is disallowed.');
  registered.set(cls, `${pkg}>${name ?? cls.className}`);
  SerializationMap.register(cls);
  return cls;
}

/** The name that a class is registered under; its className if it is not. */
export function getRegisteredName<T extends Serializable>(cls: SerializableConstructor<T>): string {
  want('getRegisteredName', { cls }, 'class');
  return registered.get(cls) ?? cls.className;
}
