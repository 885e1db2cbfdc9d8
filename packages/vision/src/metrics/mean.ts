/** The mean, or null of nothing. */
export function mean(values: Float64Array): number | null {
  return values.length === 0 ? null : sum(values, 0, values.length) / values.length;
}

/**
 * The sum in the order in which numpy adds: halves of halves down to 128 numbers, and there eight sums side by side. Rounding depends on
 * the order, so this makes our means equal to pycocotools' in the last bit; it is more exact than adding from left to right, too.
 */
export function sum(values: Float64Array, start = 0, end = values.length): number {
  const n = end - start;
  if (n <= 128) return n < 8 ? sequential(values, start, end, 0) : eightfold(values, start, end);
  const half = start + (n >> 1) - ((n >> 1) % 8);
  return sum(values, start, half) + sum(values, half, end);
}

function sequential(values: Float64Array, start: number, end: number, first: number): number {
  let total = first;
  for (let i = start; i < end; i++) total += values[i]!;
  return total;
}

function eightfold(values: Float64Array, start: number, end: number): number {
  const lanes = values.slice(start, start + 8);
  const rest = end - ((end - start) % 8);
  for (let i = start + 8; i < rest; i += 8) {
    for (let lane = 0; lane < 8; lane++) lanes[lane]! += values[i + lane]!;
  }
  const [a, b, c, d, e, f, g, h] = lanes as unknown as [number, number, number, number, number, number, number, number];
  return sequential(values, rest, end, a + b + (c + d) + (e + f + (g + h)));
}
