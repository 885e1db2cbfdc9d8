import { createHash } from "node:crypto";
import { bytesPerElement, type DType } from "../dtype.js";

/** Memory that one or more tensors look into: little-endian elements, one after the other. */
export interface RawStorage {
  dtype: DType;
  /** Read from a file it begins at a multiple of 8 in its buffer, so that any typed array can look at it. */
  bytes: Uint8Array;
  /** its name in the file it came from; a writer numbers storages anew */
  key: string;
}

/** A tensor as bytes: element [i, j, …] is element `offset + i · stride[0] + j · stride[1] + …` of its storage. */
export interface RawTensor {
  dtype: DType;
  shape: readonly number[];
  /** in elements */
  stride: readonly number[];
  /** in elements */
  offset: number;
  /** The same object for all tensors that share memory. */
  storage: RawStorage;
  requiresGrad?: boolean;
  /** an nn.Parameter */
  parameter?: boolean;
}

/** A row-major tensor over bytes of its own; the bytes are borrowed, not copied. */
export function rawTensor(dtype: DType, shape: readonly number[], bytes: Uint8Array, key = ""): RawTensor {
  return { dtype, shape, stride: rowMajorStride(shape), offset: 0, storage: { dtype, bytes, key } };
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function rowMajorStride(shape: readonly number[]): number[] {
  const stride = new Array<number>(shape.length);
  for (let d = shape.length - 1, step = 1; d >= 0; step *= Math.max(shape[d--]!, 1)) stride[d] = step;
  return stride;
}

/** Row-major and without gaps, as PyTorch's `is_contiguous()`: the stride of a dimension of one element is free. */
export function isContiguous({ shape, stride }: RawTensor): boolean {
  const wanted = rowMajorStride(shape);
  return shape.includes(0) || shape.every((size, d) => size === 1 || stride[d] === wanted[d]);
}

/**
 * What makes a view impossible, or undefined. A view that passes stays inside its storage.
 *
 * @param length elements of the storage
 */
export function viewProblem({ shape, stride, offset }: Pick<RawTensor, "shape" | "stride" | "offset">, length: number): string | undefined {
  const numbers = `shape [${shape}], stride [${stride}] and offset ${offset}`;
  if (shape.length !== stride.length) return `${numbers}: as many strides as sizes are needed`;
  if (shape.length > 64) return `${shape.length} dimensions; 64 are the limit`;
  if (![...shape, ...stride, offset].every((n) => Number.isSafeInteger(n) && n >= 0)) return `${numbers}: each must be a whole number ≥ 0`;
  if (elementCount(shape.map((size) => Math.max(size, 1))) > Number.MAX_SAFE_INTEGER)
    return `${numbers}: more elements than can be counted`;
  const past = shape.includes(0) ? offset : shape.reduce((last, size, d) => last + (size - 1) * stride[d]!, offset) + 1;
  return past > length ? `${numbers} reach past the ${length} elements of the storage` : undefined;
}

/** The elements in row-major order. @returns a view of the storage where the tensor is contiguous, else a copy */
export function contiguousBytes(tensor: RawTensor): Uint8Array {
  const size = elementCount(tensor.shape) * bytesPerElement[tensor.dtype];
  const from = tensor.offset * bytesPerElement[tensor.dtype];
  return isContiguous(tensor) ? tensor.storage.bytes.subarray(from, from + size) : gather(tensor, size);
}

/** SHA-256 of the elements in row-major order, little-endian, as hexadecimal digits. */
export function digest(tensor: RawTensor): string {
  return createHash("sha256").update(contiguousBytes(tensor)).digest("hex");
}

/** Copies element by element, in words as wide as the storage's alignment allows. */
function gather({ dtype, shape, stride, offset, storage }: RawTensor, size: number): Uint8Array {
  const itemSize = bytesPerElement[dtype];
  const aligned = storage.bytes.byteOffset % Math.min(itemSize, 4) === 0;
  const Words = !aligned || itemSize === 1 ? Uint8Array : itemSize === 2 ? Uint16Array : Uint32Array;
  const width = itemSize / Words.BYTES_PER_ELEMENT;
  const source = new Words(storage.bytes.buffer as ArrayBuffer, storage.bytes.byteOffset, storage.bytes.length / Words.BYTES_PER_ELEMENT);
  const target = new Words(size / Words.BYTES_PER_ELEMENT);
  const index = new Array<number>(shape.length).fill(0);
  for (let to = 0, from = offset * width; to < target.length; to += width) {
    for (let w = 0; w < width; w++) target[to + w] = source[from + w]!;
    for (let d = shape.length - 1; d >= 0; d--) {
      from += stride[d]! * width;
      if (++index[d]! < shape[d]!) break;
      from -= shape[d]! * stride[d]! * width;
      index[d] = 0;
    }
  }
  return new Uint8Array(target.buffer);
}
