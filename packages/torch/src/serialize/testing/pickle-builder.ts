import { type BuiltRecord, buildZip, u32 } from "./zip-builder.js";

/** Pickles as latin-1 texts, one character a byte. */
export function pickle(body: string, { protocol = 2 } = {}): Buffer {
  return Buffer.from(`\x80${String.fromCharCode(protocol)}${body}.`, "latin1");
}

export function text(value: string): string {
  const bytes = Buffer.from(value);
  return `X${u32(bytes.length).toString("latin1")}${bytes.toString("latin1")}`;
}

export function int(value: number): string {
  return `J${u32(value >>> 0).toString("latin1")}`;
}

export function global(module: string, name: string): string {
  return `c${module}\n${name}\n`;
}

export function tupleOf(...items: string[]): string {
  return `(${items.join("")}t`;
}

export function dict(...keysAndValues: string[]): string {
  return `}(${keysAndValues.join("")}u`;
}

/** The parts of `("storage", class, key, location, elements)`, four floats in record 0 unless said otherwise. */
export function storage({
  kind = text("storage"),
  type = global("torch", "FloatStorage"),
  key = text("0"),
  location = text("cpu"),
  length = int(4),
  more = "",
} = {}) {
  return `${tupleOf(kind, type, key, location, length, more)}Q`;
}

export const NO_HOOKS = `${global("collections", "OrderedDict")})R`;

/** A tensor of four floats. Each part can be replaced. */
export function tensor({
  rebuild = global("torch._utils", "_rebuild_tensor_v2"),
  data = storage(),
  offset = int(0),
  shape = tupleOf(int(4)),
  stride = tupleOf(int(1)),
  requiresGrad = "\x89",
  hooks = NO_HOOKS,
  more = "",
} = {}): string {
  return `${rebuild}${tupleOf(data, offset, shape, stride, requiresGrad, hooks, more)}R`;
}

export const FOUR_FLOATS = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);

/** The records of a checkpoint with one storage. */
export function checkpointRecords(data: Uint8Array): BuiltRecord[] {
  return [
    { name: "archive/data.pkl", bytes: data },
    { name: "archive/byteorder", bytes: Buffer.from("little") },
    { name: "archive/data/0", bytes: FOUR_FLOATS },
    { name: "archive/version", bytes: Buffer.from("3\n") },
  ];
}

/** A checkpoint of this pickle body. */
export function checkpoint(body: string, options?: { protocol?: number }): Buffer {
  return buildZip(checkpointRecords(pickle(body, options)));
}

/** A checkpoint in the legacy format. */
export function legacyCheckpoint(
  body: string,
  { keys = `](${text("0")}e`, storages = Buffer.concat([u32(4, 0), FOUR_FLOATS]) as Uint8Array } = {},
): Buffer {
  const magic = pickle("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19");
  const machine = pickle(dict(text("little_endian"), "\x88"));
  return Buffer.concat([magic, pickle(int(1001)), machine, pickle(body), pickle(keys), storages]);
}
