/** Gives the next number in [0, 1). Whatever is random takes one of these, so a test can hand in its own numbers. */
export type Draw = () => number;

/**
 * Random numbers that depend on the given whole numbers and nothing else: `randomOf(seed, epoch, index)` is the stream of one sample,
 * the same on any machine, in any worker, in any order.
 *
 * xoshiro128** (Blackman and Vigna 2018): passes BigCrush, needs only 32-bit operations, which JavaScript has, and 128 bits of state,
 * so that streams started from hashed keys do not meet. The numbers have 24 bits: exact in float32 too, and never rounded up to 1.
 */
export function randomOf(...keys: number[]): Draw {
  const next = xoshiro128(stateOf(keys));
  return () => (next() >>> 8) / 2 ** 24;
}

/** Whole numbers of 32 bits. The state must not be all zero. */
export function xoshiro128(state: readonly [number, number, number, number]): () => number {
  let [a, b, c, d] = state;
  return () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9);
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11);
    return result >>> 0;
  };
}

const rotate = (x: number, bits: number) => (x << bits) | (x >>> (32 - bits));

/** Four words, each a hash of all keys (murmur3's mixing). Never all zero, where xoshiro would stay. */
function stateOf(keys: readonly number[]): [number, number, number, number] {
  const word = (salt: number) => {
    let h = salt;
    for (const key of keys) h = mix(mix(h, key | 0), Math.floor(key / 2 ** 32) | 0); // both halves of keys beyond 32 bits
    return finish(h ^ keys.length);
  };
  return [word(0x243f6a88) | 1, word(0x85a308d3), word(0x13198a2e), word(0x03707344)]; // π's digits
}

function mix(h: number, key: number): number {
  const k = Math.imul(rotate(Math.imul(key, 0xcc9e2d51), 15), 0x1b873593);
  return (Math.imul(rotate(h ^ k, 13), 5) + 0xe6546b64) | 0;
}

function finish(h: number): number {
  let x = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** A number in [low, high). */
export function between(draw: Draw, low: number, high: number): number {
  return low + (high - low) * draw();
}

/** A whole number in 0 .. n - 1. */
export function below(draw: Draw, n: number): number {
  return Math.floor(n * draw());
}

/** 0 .. n - 1 in random order (Fisher-Yates). */
export function permutation(draw: Draw, n: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = below(draw, i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
