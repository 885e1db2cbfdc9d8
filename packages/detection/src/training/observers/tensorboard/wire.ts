import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

// Fields of Protocol buffers. A message is its fields one behind the other.

/** A message, or text, or bytes inside of a message. */
export function field(number: number, content: string | Uint8Array | readonly Uint8Array[]): Uint8Array {
  const bytes = typeof content === "string" || content instanceof Uint8Array ? Buffer.from(content) : Buffer.concat([...content]);
  return new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(bytes).finish();
}

export const varintField = (number: number, value: number): Uint8Array =>
  new BinaryWriter().tag(number, WireType.Varint).uint64(value).finish();

export const doubleField = (number: number, value: number): Uint8Array =>
  new BinaryWriter().tag(number, WireType.Bit64).double(value).finish();

/** What is beyond float32 becomes infinite. */
export const floatField = (number: number, value: number): Uint8Array =>
  new BinaryWriter().tag(number, WireType.Bit32).float(Math.fround(value)).finish();
