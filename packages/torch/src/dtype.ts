/** Element types, named as in PyTorch. */
export type DType =
  | "bool"
  | "uint8"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "float16"
  | "bfloat16"
  | "float32"
  | "float64"
  | "complex64"
  | "complex128";

export type MemoryFormat = "contiguous" | "channelsLast" | "preserve";

export type Reduction = "none" | "mean" | "sum";

/** The typed array that shows elements of this type. JavaScript has none for 16-bit floats: those come as their bits. */
export const arrayTypes = {
  bool: Uint8Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  complex64: Float32Array, // real and imaginary parts in turn
  complex128: Float64Array,
} as const satisfies Record<DType, unknown>;

export const bytesPerElement: Record<DType, number> = {
  bool: 1,
  uint8: 1,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
  complex64: 8,
  complex128: 16,
};
