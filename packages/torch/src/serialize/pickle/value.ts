import type { RawTensor } from "../raw-tensor.js";

/**
 * What a checkpoint holds. Dictionaries are Maps in the file's order, so that no key can mean anything to JavaScript; Python's lists are
 * arrays, its tuples frozen arrays. An int beyond 2^53 is a bigint; a float without a fraction is a number like any other and is written
 * as an int.
 */
export type CheckpointValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | RawTensor
  | readonly CheckpointValue[]
  | Map<CheckpointKey, CheckpointValue>;

export type CheckpointKey = null | boolean | number | bigint | string;

/** The attributes of an `argparse.Namespace`. Written, it becomes a plain dictionary: `weights_only=True` refuses the class. */
export class Namespace extends Map<CheckpointKey, CheckpointValue> {}

/** A Python tuple. */
export function tuple<T>(...items: T[]): readonly T[] {
  return Object.freeze(items);
}

export function isTuple(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && Object.isFrozen(value);
}

export function isRawTensor(value: unknown): value is RawTensor {
  return typeof value === "object" && value !== null && "storage" in value && "stride" in value;
}

export function isKey(value: unknown): value is CheckpointKey {
  return value === null || ["boolean", "number", "bigint", "string"].includes(typeof value);
}

/** A value somewhere in a checkpoint. */
export interface Leaf<T = CheckpointValue> {
  /** the keys that lead to it, joined by dots: `model.conv.weight` */
  key: string;
  value: T;
}

/**
 * Every value that is not a dictionary, a list or a tuple.
 *
 * @param whole says which of those are to be given as they are, too
 */
export function flatten(root: CheckpointValue, whole: (value: CheckpointValue) => boolean = () => false): Leaf[] {
  const walk = (value: CheckpointValue, path: readonly unknown[]): Leaf[] => {
    const isContainer = value instanceof Map || Array.isArray(value);
    if (!isContainer || whole(value)) return [{ key: path.join("."), value }];
    return [...value.entries()].flatMap(([key, item]) => walk(item, [...path, key])); // readers and writers bound the depth
  };
  return walk(root, []);
}

/** Every tensor of a checkpoint. */
export function flattenTensors(root: CheckpointValue): Leaf<RawTensor>[] {
  return flatten(root).filter((leaf): leaf is Leaf<RawTensor> => isRawTensor(leaf.value));
}
