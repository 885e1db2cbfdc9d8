type Random = () => number;
type Operator = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

const below = (random: Random, limit: number) => Math.floor(random() * limit);
const EXTREMES = [
  0n,
  1n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** A piece of the bytes: most are small, some large. */
function piece(bytes: Buffer, random: Random): [start: number, end: number] {
  const start = below(random, bytes.length);
  return [start, Math.min(bytes.length, start + 1 + below(random, random() < 0.8 ? 16 : bytes.length))];
}

/** Each may change the bytes that it is given, and gives them or new ones. */
const operators: Record<string, Operator> = {
  flipBit: (bytes, random) => change(bytes, below(random, bytes.length), (value) => value ^ (1 << below(random, 8))),
  setByte: (bytes, random) => change(bytes, below(random, bytes.length), () => below(random, 256)),
  truncate: (bytes, random) => bytes.subarray(0, below(random, bytes.length)),
  remove: (bytes, random) => around(bytes, piece(bytes, random), () => Buffer.alloc(0)),
  duplicate: (bytes, random) => around(bytes, piece(bytes, random), (part) => Buffer.concat([part, part])),
  insert: (bytes, random) =>
    around(bytes, piece(bytes, random), (part) => Buffer.concat([Buffer.from([below(random, 256), below(random, 256)]), part])),
  zero: (bytes, random) => around(bytes, piece(bytes, random), (part) => Buffer.alloc(part.length)),
  splice: (bytes, random, other) => around(bytes, piece(bytes, random), () => other.subarray(...piece(other, random))),
  swap: (bytes, random) => {
    const [a, b] = [below(random, bytes.length), below(random, bytes.length)].sort((x, y) => x - y) as [number, number];
    const length = Math.min(1 + below(random, 32), b - a, bytes.length - b);
    return Buffer.concat([
      bytes.subarray(0, a),
      bytes.subarray(b, b + length),
      bytes.subarray(a + length, b),
      bytes.subarray(a, a + length),
      bytes.subarray(b + length),
    ]);
  },
  extreme: (bytes, random) => {
    const number = Buffer.alloc(8);
    number.writeBigUInt64LE(EXTREMES[below(random, EXTREMES.length)]!);
    const width = [1, 2, 4, 8][below(random, 4)]!;
    const at = below(random, bytes.length);
    return around(bytes, [at, Math.min(at + width, bytes.length)], (part) => number.subarray(0, part.length));
  },
};

/**
 * One to three random changes by the ten operators: `mutate` of @singleshot/testing is for texts, this is for numbers and lengths in binary.
 *
 * @param other is where pieces come from
 */
export function mutateBinary(original: Uint8Array, random: Random, other: Uint8Array): Buffer {
  const names = Object.values(operators);
  let bytes: Buffer = Buffer.from(original);
  for (let i = 1 + below(random, 3); i > 0 && bytes.length > 0; i--)
    bytes = names[below(random, names.length)]!(bytes, random, Buffer.from(other));
  return bytes;
}

function change(bytes: Buffer, at: number, to: (value: number) => number): Buffer {
  bytes[at] = to(bytes[at]!);
  return bytes;
}

function around(bytes: Buffer, [start, end]: [number, number], to: (part: Buffer) => Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, start), to(bytes.subarray(start, end)), bytes.subarray(end)]);
}
