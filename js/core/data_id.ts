// Data ids: objects by which packages name the values of tensors. Each tensor has one, made when it is asked for.
// This file stands beneath tensor.ts, so of a tensor it knows the id only.

export interface DataId {
  id: number;
}

const ids = new WeakMap<DataId, DataId>();
const owners = new WeakMap<object, DataId>();

export function dataIdOf(x: DataId): DataId {
  let id = ids.get(x);
  if (id) return id;
  id = { id: x.id };
  ids.set(x, id);
  owners.set(id, x);
  return id;
}

/** What a data id was asked of, if it is not forgotten; tensor.ts says that it is a tensor. */
export const askedOf = (dataId: object): DataId | undefined => owners.get(dataId);
