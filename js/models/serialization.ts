// tf.serialization: classes of your own under the names that files have for them.
import { TensorineError } from '../core/errors';

export type ConfigDictValue = boolean | number | string | null | ConfigDictArray | ConfigDict;
export interface ConfigDict { [key: string]: ConfigDictValue }
export interface ConfigDictArray extends Array<ConfigDictValue> {}

export interface SerializableConstructor<T extends Serializable> {
  new (...args: any[]): T;
  className: string;
  fromConfig?: FromConfigMethod<T>;
}
export type FromConfigMethod<T extends Serializable> = (cls: SerializableConstructor<T>, config: ConfigDict) => T;

/** What can be written to a config and made from it again. */
export abstract class Serializable {
  getClassName(): string { return classNameOf(this); }
  abstract getConfig(): Record<string, any>;
  static fromConfig<T extends Serializable>(cls: SerializableConstructor<T>, config: ConfigDict): T { return new cls(config); }
}

/** @internal The static className of an object's class, else the class's name. */
export function classNameOf(object: object): string {
  const cls = object.constructor as { className?: string; name: string };
  return cls.className ?? cls.name;
}

/** Classes by name. */
export class SerializationMap {
  private static instance: SerializationMap | undefined;
  readonly classNameMap: { [className: string]: [SerializableConstructor<any>, FromConfigMethod<any>] } = Object.create(null);

  static getMap(): SerializationMap { return (SerializationMap.instance ??= new SerializationMap()); }
  static register<T extends Serializable>(cls: SerializableConstructor<T>): void {
    SerializationMap.getMap().classNameMap[cls.className] = [cls, cls.fromConfig ?? Serializable.fromConfig];
  }
}

const registered = new Map<unknown, string>();

/**
 * Lets files name a class: one with a static className, that is made from what getConfig() gives.
 * pkg and name make the name it is registered under, 'Custom>Name'.
 * @example tf.serialization.registerClass(class Mine extends tf.layers.Layer { static className = 'Mine'; }).className // "Mine"
 */
export function registerClass<T extends Serializable>(cls: SerializableConstructor<T>, pkg = 'Custom', name?: string): SerializableConstructor<T> {
  const fail = (text: string) => { throw new TensorineError('value', `registerClass: ${text}`); };
  if (cls.className === undefined || cls.className === null) fail('Class being registered does not have the static className property defined.');
  if (typeof cls.className !== 'string') fail(`className is required to be a string, but got type ${typeof cls.className}`);
  if (!cls.className.length) fail('Class being registered has an empty-string as its className, which is disallowed.');
  registered.set(cls, `${pkg}>${name ?? cls.className}`);
  SerializationMap.register(cls);
  return cls;
}

/** The name that a class is registered under; its className if it is not. */
export const getRegisteredName = <T extends Serializable>(cls: SerializableConstructor<T>): string => registered.get(cls) ?? cls.className;
