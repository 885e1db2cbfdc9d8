import { InputError } from "@singleshot/vision";

const MAGIC = Buffer.from("\x93NUMPY", "latin1");
const VERSION = Buffer.from([1, 0]);
const ALIGNMENT = 64; // where the numbers begin is a multiple of it

/**
 * A list of numbers as a `.npy` file holds it: float64, one dimension. `numpy.load` reads it.
 * @see NEP 1, "A Simple File Format for NumPy Arrays"
 */
export function npyBytes(values: ArrayLike<number>): Uint8Array {
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${values.length},), }`;
  const before = MAGIC.length + VERSION.length + 2 + header.length + 1;
  const padded = `${header}${" ".repeat(-before & (ALIGNMENT - 1))}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(padded.length);
  const numbers = Buffer.alloc(8 * values.length);
  for (let i = 0; i < values.length; i++) numbers.writeDoubleLE(values[i]!, 8 * i);
  return Buffer.concat([MAGIC, VERSION, length, Buffer.from(padded, "latin1"), numbers]);
}

/** How numbers of one dimension may lie in a file, by numpy's name of the type. */
const READERS: Record<string, { bytes: number; read(from: Buffer, at: number): number }> = {
  "<f8": { bytes: 8, read: (from, at) => from.readDoubleLE(at) },
  "<f4": { bytes: 4, read: (from, at) => from.readFloatLE(at) },
};

/**
 * The numbers of a `.npy` file of one dimension, float64 or float32, as `numpy.save` writes a list of floats.
 * @throws InputError where it is another file
 */
export function npyValues(bytes: Buffer, file: string): number[] {
  const { header, end } = headerOf(bytes);
  const [, descr = "", length] = /^\{'descr': '(.*?)', 'fortran_order': (?:False|True), 'shape': \((\d+),\),? *\}\s*$/.exec(header) ?? [];
  const reader = READERS[descr];
  if (!reader || bytes.length !== end + reader.bytes * Number(length))
    throw new InputError("no .npy file of floats in one dimension", { file, fix: "move it away, and a new one is begun" });
  return Array.from({ length: Number(length) }, (_, i) => reader.read(bytes, end + reader.bytes * i));
}

/** The text that describes the array, and where it ends; empty where there is none. Its length has four bytes from version 2.0 on. */
function headerOf(bytes: Buffer): { header: string; end: number } {
  if (bytes.length < 12 || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return { header: "", end: 0 };
  const isShort = bytes[MAGIC.length] === 1;
  const start = MAGIC.length + VERSION.length + (isShort ? 2 : 4);
  const end = start + (isShort ? bytes.readUInt16LE(start - 2) : bytes.readUInt32LE(start - 4));
  return { header: bytes.toString("latin1", start, end), end };
}
