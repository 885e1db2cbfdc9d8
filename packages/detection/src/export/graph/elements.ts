import { type DType, scope, type Tensor, tensor } from "@singleshot/torch";

/** Element types that torch and ONNX share. */
export type Element = Exclude<DType, "complex64" | "complex128">;

/** A tensor's elements as a file has them: row-major, little-endian. */
export function bytesOf(values: Tensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = values.toTypedArray();
  return new Uint8Array(buffer, byteOffset, byteLength);
}

export const elementsOf = (dtype: Element, values: readonly number[]): Uint8Array => scope(() => bytesOf(tensor([...values], { dtype })));

/** A tensor's elements in another type, made for as long as they are read. */
export const convertedBytes = (values: Tensor, dtype: Element): Uint8Array =>
  scope(() => bytesOf(values.dtype === dtype ? values : values.to(dtype)));
