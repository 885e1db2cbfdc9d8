/** Numbers by the name under which TensorBoard draws them. */
export type Scalars = ReadonlyMap<string, number>;

/** When something happened, and at which step. */
export interface Moment {
  /** seconds since 1970 */
  wallTime: number;
  step: number;
}

/** The first record of every event file. */
export const versionEvent = (moment: Moment): Uint8Array => event(moment, field(3, text("brain.Event:2")));

/** Tells TensorBoard to forget what older files of the folder have from this step on. */
export const startEvent = (moment: Moment): Uint8Array => event(moment, field(7, varintField(1, 1)));

export function scalarsEvent(moment: Moment, scalars: Scalars): Uint8Array {
  const values = [...scalars].map(([tag, value]) => field(1, Buffer.concat([field(1, text(tag)), floatField(2, value)])));
  return event(moment, field(5, Buffer.concat(values)));
}

/** TensorFlow's `Event` message. */
function event({ wallTime, step }: Moment, content: Uint8Array): Uint8Array {
  return record(Buffer.concat([doubleField(1, wallTime), varintField(2, step), content]));
}

/** A TFRecord: length, its checksum, the data, theirs. */
function record(data: Uint8Array): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, maskedCrc(length), data, maskedCrc(data)]);
}

// Protocol buffers: a field is its number and wire type (0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes), then the value.
const tag = (number: number, wireType: number) => varint((number << 3) | wireType);
const text = (value: string) => Buffer.from(value);
const field = (number: number, bytes: Uint8Array) => Buffer.concat([tag(number, 2), varint(bytes.length), bytes]);
const varintField = (number: number, value: number) => Buffer.concat([tag(number, 0), varint(value)]);

function doubleField(number: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([tag(number, 1), bytes]);
}

function floatField(number: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([tag(number, 5), bytes]);
}

/** Seven bits a byte, lowest first; a set upper bit says that more follow. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}

/** CRC-32C (Castagnoli), reflected: the remainders of all single bytes. */
const remainders = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0x82f63b78 : remainder >>> 1;
  return remainder;
});

/** @returns four bytes; TFRecord masks its checksums so that a checksum over checksums is still of use */
function maskedCrc(data: Uint8Array): Uint8Array {
  let crc = 0xffffffff;
  for (const byte of data) crc = remainders[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  crc = ~crc >>> 0;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  return bytes;
}
