import { InputError } from "@singleshot/base";
import { bytesPerElement } from "../../dtype.js";
import { damaged } from "../bytes.js";
import { elementCount } from "../raw-tensor.js";
import { type CheckpointValue, isKey, isRawTensor } from "./value.js";

/** No reader gives and no writer takes more levels than this, so a program may walk a checkpoint by recursion. */
export const MAX_DEPTH = 256;
const MAX_PATH_CHARACTERS = 2 ** 26;

/** How large a value is when everything that is shared is counted each time it is met: what a program that walks it goes through. */
interface Extent {
  depth: number;
  values: number;
  /** of the tensors' elements */
  bytes: number;
  /** characters in the keys on the way to every value */
  path: number;
}

/**
 * Checks that a pickle's value is data from top to bottom and that walking it, or copying its tensors, takes effort in proportion to the
 * file: references can turn a page of bytes into 10^40 values, a stride of 0 four numbers into a terabyte.
 */
export function checkValue(value: unknown, { pickleBytes, fileBytes }: { pickleBytes: number; fileBytes: number }): CheckpointValue {
  const { values, bytes, path } = extent(value);
  const max = { values: 1_000 + 16 * pickleBytes, bytes: 2 ** 24 + 4 * fileBytes };
  if (values > max.values || path > MAX_PATH_CHARACTERS)
    damaged("the checkpoint repeats its parts until they are too many to walk through");
  if (bytes > max.bytes) {
    const fix = "save tensors that were made by expand() as copies: tensor.clone()";
    throw new InputError(`its tensors have ${bytes} bytes when copied, ${max.bytes} are the limit for this file`, { fix });
  }
  return value as CheckpointValue;
}

/** A list or dictionary on the way from the root, with the extent of what was seen of it so far. */
interface Visit {
  container: object;
  children: Iterator<[key: unknown, child: unknown]>;
  extent: Extent;
  keyLength: number;
}

/** Walks without recursion, each container once. */
function extent(root: unknown): Extent {
  const known = new Map<object, Extent | undefined>(); // undefined while it is walked through
  const visits = [visit([root], 0)];
  for (;;) {
    const here = visits.at(-1)!;
    const next = here.children.next();
    if (next.done) {
      known.set(here.container, here.extent);
      visits.pop();
      if (visits.length === 0) return here.extent;
      add(visits.at(-1)!.extent, here.extent, here.keyLength);
    } else {
      const [key, child] = next.value;
      const found = isContainer(child) ? known.get(child) : leaf(child);
      if (found) add(here.extent, found, String(key).length);
      else visits.push(enter(child as object, String(key).length, known));
    }
    if (visits.length + here.extent.depth > MAX_DEPTH) throw new InputError(`the checkpoint is nested more than ${MAX_DEPTH} levels deep`);
  }
}

function enter(container: object, keyLength: number, known: Map<object, Extent | undefined>): Visit {
  if (known.has(container)) throw new InputError("the checkpoint has a list or a dictionary that contains itself");
  known.set(container, undefined);
  return visit(container as unknown[], keyLength);
}

function visit(container: unknown[] | Map<unknown, unknown>, keyLength: number): Visit {
  return { container, children: container.entries(), extent: { depth: 0, values: 0, bytes: 0, path: 0 }, keyLength };
}

function add(to: Extent, child: Extent, keyLength: number): void {
  to.depth = Math.max(to.depth, child.depth + 1);
  to.values += child.values + 1;
  to.bytes += child.bytes;
  to.path += child.path + (child.values + 1) * (keyLength + 1);
}

function isContainer(value: unknown): value is object {
  return Array.isArray(value) || value instanceof Map;
}

function leaf(value: unknown): Extent {
  const data = isKey(value) || value instanceof Uint8Array || isRawTensor(value);
  if (!data) damaged("the checkpoint holds a class or a storage where data should be");
  return { depth: 0, values: 0, bytes: isRawTensor(value) ? elementCount(value.shape) * bytesPerElement[value.dtype] : 0, path: 0 };
}
