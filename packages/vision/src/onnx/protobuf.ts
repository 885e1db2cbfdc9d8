import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** How values of one kind stand in protobuf's wire format. */
export interface Codec<T> {
  wire: WireType;
  read: (reader: BinaryReader) => T;
  write: (writer: BinaryWriter, value: T) => void;
}

const integerOf = (value: bigint | string): number => {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`the number ${value} is too large`);
  return number;
};

export const integer: Codec<number> = {
  wire: WireType.Varint,
  read: (reader) => integerOf(reader.int64()),
  write: (writer, value) => writer.int64(value),
};
export const float: Codec<number> = {
  wire: WireType.Bit32,
  read: (reader) => reader.float(),
  write: (writer, value) => writer.float(value),
};
export const double: Codec<number> = {
  wire: WireType.Bit64,
  read: (reader) => reader.double(),
  write: (writer, value) => writer.double(value),
};
export const text: Codec<string> = {
  wire: WireType.LengthDelimited,
  read: (reader) => reader.string(),
  write: (writer, value) => writer.string(value),
};
/** Read without a copy: a view of the file's bytes. */
export const bytes: Codec<Uint8Array> = {
  wire: WireType.LengthDelimited,
  read: (reader) => reader.bytes(),
  write: (writer, value) => writer.bytes(value),
};

export interface Field<T> {
  number: number;
  // biome-ignore lint/suspicious/noExplicitAny: of each field its own
  codec: Codec<any>;
  repeated: boolean;
  /** Of a message that does not have it. */
  initial: () => T;
}

export const one = <T>(number: number, codec: Codec<T>): Field<T | undefined> => ({
  number,
  codec,
  repeated: false,
  initial: () => undefined,
});
export const many = <T>(number: number, codec: Codec<T>): Field<T[]> => ({ number, codec, repeated: true, initial: () => [] });

type Fields = Readonly<Record<string, Field<unknown>>>;
/** What a message holds; what is left out when it is written is not in it. */
export type MessageOf<F extends Fields> = { -readonly [Name in keyof F]: F[Name] extends Field<infer T> ? T : never };

/** The codec of a message from its fields; fields that are not named are passed over. */
export function message<F extends Fields>(fields: F): Codec<MessageOf<F>> & { parse: (data: Uint8Array) => MessageOf<F> } {
  const byNumber = new Map(Object.entries(fields).map(([name, field]) => [field.number, { name, ...field }]));
  const readUntil = (reader: BinaryReader, end: number): MessageOf<F> => {
    const found = Object.fromEntries(Object.entries(fields).map(([name, { initial }]) => [name, initial()]));
    while (reader.pos < end) {
      const [number, wire] = reader.tag();
      const field = byNumber.get(number);
      if (!field || !fits(field, wire)) reader.skip(wire, number);
      else if (field.repeated) readInto(found[field.name] as unknown[], reader, field.codec, wire);
      else found[field.name] = field.codec.read(reader);
    }
    if (reader.pos > end) throw new RangeError("a part reaches beyond its end");
    return found as MessageOf<F>;
  };
  return {
    wire: WireType.LengthDelimited,
    parse: (data) => readUntil(new BinaryReader(data), data.length),
    read: (reader) => {
      const length = reader.uint32();
      if (reader.pos + length > reader.len) throw new RangeError("a part reaches beyond the end of the file");
      return readUntil(reader, reader.pos + length);
    },
    write: (writer, values) => {
      writer.fork();
      writeFields(writer, fields, values);
      writer.join();
    },
  };
}

/** Numbers in a list may be packed. */
const fits = ({ codec, repeated }: Field<unknown>, wire: WireType) =>
  wire === codec.wire || (repeated && wire === WireType.LengthDelimited);

function readInto(list: unknown[], reader: BinaryReader, codec: Codec<unknown>, wire: WireType): void {
  if (wire === codec.wire) {
    list.push(codec.read(reader));
    return;
  }
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new RangeError("a list reaches beyond the end of the file");
  while (reader.pos < end) list.push(codec.read(reader));
}

/** Fields in the order in which the message names them. */
export function writeFields<F extends Fields>(writer: BinaryWriter, fields: F, values: Partial<MessageOf<F>>): void {
  for (const [name, { number, codec }] of Object.entries(fields)) {
    const value = values[name as keyof F];
    if (value === undefined) continue;
    for (const item of Array.isArray(value) ? value : [value]) codec.write(writer.tag(number, codec.wire), item);
  }
}

export const encoded = <F extends Fields>(fields: F, values: Partial<MessageOf<F>>): Uint8Array => {
  const writer = new BinaryWriter();
  writeFields(writer, fields, values);
  return writer.finish();
};
