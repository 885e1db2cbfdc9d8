// Protocol buffers: a field is its number and wire type (0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes), then the value.
// A message is its fields one behind the other.
const key = (number: number, wireType: number) => varint((number << 3) | wireType);

/** A message, or text, or bytes inside of a message. */
export function field(number: number, content: string | Uint8Array | readonly Uint8Array[]): Uint8Array {
  const bytes = typeof content === "string" || content instanceof Uint8Array ? Buffer.from(content) : Buffer.concat([...content]);
  return Buffer.concat([key(number, 2), varint(bytes.length), bytes]);
}

export const varintField = (number: number, value: number): Uint8Array => Buffer.concat([key(number, 0), varint(value)]);

export function doubleField(number: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([key(number, 1), bytes]);
}

export function floatField(number: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(number, 5), bytes]);
}

/** Seven bits a byte, lowest first; a set upper bit says that more follow. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}
