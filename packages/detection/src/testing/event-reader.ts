/** One record of a TensorBoard event file. */
export interface ReadEvent {
  wallTime: number;
  step: number;
  version?: string;
  /** What older files have from this step on is to be forgotten. */
  starts?: boolean;
  scalars?: Record<string, number>;
  pictures?: Record<string, { width: number; height: number; bytes: Buffer }>;
  /** What a plugin was told, by its tag: `text` as text, others as a message. */
  plugins?: Record<string, { name: string; text?: string; content?: Buffer }>;
}

/** Reads an event file whole, written apart from the writer and without its tables. @throws Error where a checksum is wrong */
export function readEvents(file: Buffer): ReadEvent[] {
  const events: ReadEvent[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    const data = file.subarray(at + 12, at + 12 + length);
    expectCrc(file.subarray(at, at + 8), file.readUInt32LE(at + 8));
    expectCrc(data, file.readUInt32LE(at + 12 + length));
    events.push(readEvent(data));
    at += length + 16;
  }
  return events;
}

function readEvent(data: Buffer): ReadEvent {
  const fields = new Map(readFields(data));
  const [version, summary, session] = [3, 5, 7].map((number) => fields.get(number) as Buffer | undefined);
  return {
    wallTime: (fields.get(1) as Buffer).readDoubleLE(),
    step: fields.get(2) as number,
    ...(version && { version: version.toString() }),
    ...(session && { starts: new Map(readFields(session)).get(1) === 1 }),
    ...(summary && readSummary(readFields(summary).map(([, value]) => new Map(readFields(value as Buffer))))),
  };
}

type Message = Map<number, number | Buffer>;
const messageIn = (message: Message, number: number): Message => new Map(readFields(message.get(number) as Buffer));

function readSummary(values: Message[]): Pick<ReadEvent, "scalars" | "pictures" | "plugins"> {
  const part = <T>(has: (value: Message) => boolean, read: (value: Message) => T): Record<string, T> | undefined => {
    const rows = values.filter(has).map((value): [string, T] => [(value.get(1) as Buffer).toString(), read(value)]);
    return rows.length > 0 ? Object.fromEntries(rows) : undefined;
  };
  const [scalars, pictures, plugins] = [
    part(
      (value) => value.has(2),
      (value) => (value.get(2) as Buffer).readFloatLE(),
    ),
    part(
      (value) => value.has(4),
      (value) => readPicture(messageIn(value, 4)),
    ),
    part((value) => value.has(9), readPlugin),
  ];
  return { ...(scalars && { scalars }), ...(pictures && { pictures }), ...(plugins && { plugins }) };
}

const readPicture = (picture: Message) => ({
  height: picture.get(1) as number,
  width: picture.get(2) as number,
  bytes: picture.get(4) as Buffer,
});

function readPlugin(value: Message): { name: string; text?: string; content?: Buffer } {
  const plugin = messageIn(messageIn(value, 9), 1);
  const name = (plugin.get(1) as Buffer).toString();
  if (name === "text") return { name, text: (messageIn(value, 8).get(8) as Buffer).toString() };
  return { name, content: plugin.get(2) as Buffer };
}

/** Varints come as numbers, all else as bytes. */
export function readFields(message: Buffer): [number: number, value: number | Buffer][] {
  const fields: [number, number | Buffer][] = [];
  let at = 0;
  const varint = () => {
    let [value, scale] = [0, 1];
    for (; message[at]! >= 128; at++, scale *= 128) value += (message[at]! - 128) * scale;
    return value + message[at++]! * scale;
  };
  const bytes = (length: number) => {
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const key = varint();
    const readers = { 0: varint, 1: () => bytes(8), 2: () => bytes(varint()), 5: () => bytes(4) };
    fields.push([key >> 3, readers[(key & 7) as keyof typeof readers]()]);
  }
  return fields;
}

function expectCrc(data: Buffer, masked: number): void {
  const rotated = (masked - 0xa282ead8) >>> 0;
  const crc = ((rotated >>> 17) | (rotated << 15)) >>> 0;
  if (crc !== crc32c(data)) throw new Error(`the checksum over ${data.length} bytes is wrong`);
}

/** Bit by bit, from the definition. */
export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    for (let bit = 0; bit < 8; bit++) {
      const differs = (crc ^ (byte >> bit)) & 1;
      crc = (crc >>> 1) ^ (differs ? 0x82f63b78 : 0);
    }
  }
  return ~crc >>> 0;
}
