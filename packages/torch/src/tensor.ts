import { inspect } from "node:util";
import { markAsUntransferable } from "node:worker_threads";
import type { Device } from "./devices.js";
import { arrayTypes, type DType } from "./dtype.js";
import { native, type TensorBuffer } from "./native.js";
import { Tensor } from "./ops.generated.js";

const dtypeOfArray = new Map<unknown, DType>([
  [Float32Array, "float32"],
  [Float64Array, "float64"],
  [Int8Array, "int8"],
  [Uint8Array, "uint8"],
  [Uint8ClampedArray, "uint8"],
  [Int16Array, "int16"],
  [Int32Array, "int32"],
  [BigInt64Array, "int64"],
]);

function dtypeOf(buffer: TensorBuffer): DType {
  for (const [array, dtype] of dtypeOfArray) if (buffer instanceof (array as typeof Float32Array)) return dtype;
  throw new TypeError(`${buffer.constructor.name} has no dtype of its own: name one`);
}

/** Memory that libtorch looks at must stay where it is: a resizable buffer is refused, any other can no longer be transferred away. */
function lend(view: TensorBuffer): TensorBuffer {
  const { buffer } = view as { buffer: ArrayBufferLike & { resizable?: boolean } };
  if (buffer.resizable) throw new TypeError("a resizable buffer cannot be lent to a tensor: its memory may vanish");
  if (buffer instanceof ArrayBuffer) markAsUntransferable(buffer);
  return view;
}

/**
 * A tensor on the memory of a typed array (a SharedArrayBuffer's too), without a copy: writes are seen on both sides.
 * The array is kept alive as long as libtorch uses its memory.
 */
export function fromBuffer(
  buffer: TensorBuffer,
  shape: readonly number[] = [buffer.length],
  { dtype = dtypeOf(buffer) }: { dtype?: DType } = {},
): Tensor {
  return new Tensor(native.fromBuffer(lend(buffer), dtype, shape));
}

/** Node's Buffer has a slice of its own that does not copy. */
const copyOf = <T extends TensorBuffer>(values: T): T => Uint8Array.prototype.slice.call(values) as unknown as T;

type Nested = number | readonly Nested[];

function shapeOf(values: Nested): number[] {
  return Array.isArray(values) ? [values.length, ...(values.length > 0 ? shapeOf(values[0]) : [])] : [];
}

/** Appends every number of nested arrays in row-major order. */
function collect(values: Nested, [length, ...rest]: readonly number[], into: number[]): number[] {
  if (length === undefined ? typeof values !== "number" : !Array.isArray(values) || values.length !== length) {
    throw new TypeError(`tensor: ${length === undefined ? "a number" : `an array of ${length}`} was expected, not ${inspect(values)}`);
  }
  if (length === undefined) into.push(values as number);
  else for (const item of values as readonly Nested[]) collect(item, rest, into);
  return into;
}

/** A tensor of its own from numbers, nested arrays of numbers (float32 unless said), or a copy of a typed array. */
export function tensor(
  values: Nested | TensorBuffer,
  { shape, dtype, device = "cpu" }: { shape?: readonly number[]; dtype?: DType; device?: Device } = {},
): Tensor {
  const made = onCpu(values, { ...(shape && { shape }), ...(dtype && { dtype }) });
  return device === "cpu" ? made : consumed(made, (own) => toDevice(own, device));
}

function onCpu(values: Nested | TensorBuffer, { shape, dtype }: { shape?: readonly number[]; dtype?: DType }): Tensor {
  if (ArrayBuffer.isView(values)) {
    const copy = copyOf(values);
    return convertTo(fromBuffer(copy, shape ?? [copy.length]), dtype);
  }
  const own = shapeOf(values);
  const flat = collect(values, own, []);
  const type = dtype ?? "float32";
  const array = type === "int64" ? BigInt64Array.from(flat, BigInt) : new (type === "float32" ? Float32Array : Float64Array)(flat);
  return convertTo(fromBuffer(array, shape ?? own), dtype);
}

const convertTo = (made: Tensor, dtype: DType | undefined): Tensor =>
  dtype === undefined || dtype === made.dtype ? made : consumed(made, (own) => own.to(dtype));

function consumed(made: Tensor, use: (made: Tensor) => Tensor): Tensor {
  const result = use(made);
  made.dispose();
  return result;
}

const to = native.op("aten::to", "device");

/** The tensor on another device; where it is there already, a second name for it. */
export function toDevice(tensor: Tensor, device: Device): Tensor {
  return new Tensor(native.call(to, tensor.handle, device, tensor.dtype));
}

/** A tensor over raw little-endian bytes of any dtype, without a copy. The bytes must start at a multiple of the element's size. */
export function fromBytes(bytes: Uint8Array, dtype: DType, shape: readonly number[]): Tensor {
  const aligned = bytes.byteOffset % Math.max(1, arrayTypes[dtype].BYTES_PER_ELEMENT) === 0 ? bytes : copyOf(bytes);
  return new Tensor(native.fromBuffer(lend(aligned), dtype, shape));
}
