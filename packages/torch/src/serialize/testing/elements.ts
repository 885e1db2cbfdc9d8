import type { DType } from "../../dtype.js";
import { contiguousBytes, type RawTensor } from "../raw-tensor.js";

type Element = number | bigint | boolean;

const readers: Partial<Record<DType, (view: DataView, at: number) => Element>> = {
  bool: (view, at) => view.getUint8(at) !== 0,
  uint8: (view, at) => view.getUint8(at),
  int8: (view, at) => view.getInt8(at),
  int16: (view, at) => view.getInt16(at, true),
  int32: (view, at) => view.getInt32(at, true),
  int64: (view, at) => view.getBigInt64(at, true),
  float16: (view, at) => halfToNumber(view.getUint16(at, true)),
  bfloat16: (view, at) => bfloat16ToNumber(view.getUint16(at, true)),
  float32: (view, at) => view.getFloat32(at, true),
  float64: (view, at) => view.getFloat64(at, true),
};

/** The elements of a tensor in row-major order, as JavaScript has them. */
export function elements(tensor: RawTensor): Element[] {
  const bytes = contiguousBytes(tensor);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = tensor.shape.reduce((a, b) => a * b, 1);
  return Array.from({ length: count }, (_, i) => readers[tensor.dtype]!(view, (i * bytes.length) / count));
}

function halfToNumber(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

function bfloat16ToNumber(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!;
}
