// Data ids: what packages name the values of a tensor by. Each tensor has one, made when it is asked for.
import type { Tensor } from './tensor';

export interface DataId {
  id: number;
}

const ids = new WeakMap<Tensor, DataId>();
const owners = new WeakMap<object, Tensor>();

export function dataIdOf(x: Tensor): DataId {
  let id = ids.get(x);
  if (id) return id;
  id = { id: x.id };
  ids.set(x, id);
  owners.set(id, x);
  return id;
}

/** The tensor that a data id was asked of, if it is not forgotten. */
export const ownerOf = (dataId: object): Tensor | undefined => owners.get(dataId);
