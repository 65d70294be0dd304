// tf.serialization: names and configs of classes of your own.
export { getRegisteredName, registerClass, Serializable, SerializationMap } from './registered';
export type {
  ConfigDict,
  ConfigDictArray,
  ConfigDictValue,
  FromConfigMethod,
  SerializableConstructor,
} from './registered';
