const MAGIC = Buffer.from("\x93NUMPY\x01\x00", "latin1"); // and version 1.0
const ALIGNMENT = 64; // where the numbers begin is a multiple of it

/**
 * A list of numbers as a `.npy` file holds it: float64, one dimension. `numpy.load` reads it.
 * @see NEP 1, "A Simple File Format for NumPy Arrays"
 */
export function npyBytes(values: ArrayLike<number>): Uint8Array {
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${values.length},), }`;
  const before = MAGIC.length + 2 + header.length + 1;
  const padded = `${header}${" ".repeat(-before & (ALIGNMENT - 1))}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(padded.length);
  const numbers = Buffer.alloc(8 * values.length);
  for (let i = 0; i < values.length; i++) numbers.writeDoubleLE(values[i]!, 8 * i);
  return Buffer.concat([MAGIC, length, Buffer.from(padded, "latin1"), numbers]);
}
