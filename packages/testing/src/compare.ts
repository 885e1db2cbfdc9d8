import type { Detections, GoldenDetections, GoldenSparse, StatisticRecord } from "./types.js";

type Numbers = ArrayLike<number | bigint> | NestedNumbers;
interface NestedNumbers extends ReadonlyArray<number | bigint | NestedNumbers> {}

/** |ours - theirs| ≤ atol + rtol · |theirs|; nan agrees with nan, an infinity with itself. */
export interface Tolerance {
  rtol?: number;
  atol?: number;
  /** named in the message */
  name?: string;
}

/** One comparison: an index to print, ours, theirs, and how far apart they may be. */
export interface Pair {
  at: string | number;
  ours: number;
  theirs: number;
  allowed: number;
}

/** Fails unless every pair is within what it allows; the message shows the worst one. */
export function expectPairs(pairs: Iterable<Pair>, name = "values"): void {
  const wrong: { pair: Pair; excess: number }[] = [];
  let count = 0;
  for (const pair of pairs) {
    count++;
    const excess = excessOf(pair);
    if (excess > 1) wrong.push({ pair, excess });
  }
  if (wrong.length === 0) return;
  const { pair, excess } = wrong.reduce((worst, next) => (next.excess > worst.excess ? next : worst));
  const { at, ours, theirs, allowed } = pair;
  const off = `off by ${Math.abs(ours - theirs).toPrecision(3)}, ${excess.toPrecision(3)} times the allowed ${allowed.toPrecision(3)}`;
  throw new Error(`${name}: ${wrong.length} of ${count} differ; the worst at ${at}: ours ${ours}, theirs ${theirs} (${off})`);
}

/** The distance in units of what is allowed. */
function excessOf({ ours, theirs, allowed }: Pair): number {
  if (Object.is(ours, theirs) || ours === theirs) return 0;
  if (!Number.isFinite(ours) || !Number.isFinite(theirs)) return Number.POSITIVE_INFINITY;
  return Math.abs(ours - theirs) / allowed; // allowed 0 gives infinity: exact or wrong
}

/** Two arrays, flat or nested, element by element. Without a tolerance they must be equal. */
export function expectClose(ours: Numbers, theirs: Numbers, { rtol = 0, atol = 0, name = "values" }: Tolerance = {}): void {
  const [a, b] = [flat(ours), flat(theirs)];
  if (a.length !== b.length) throw new Error(`${name}: ours has ${a.length} elements, theirs ${b.length}`);
  expectPairs(
    b.map((value, i) => ({ at: i, ours: a[i]!, theirs: value, allowed: atol + rtol * Math.abs(value) })),
    name,
  );
}

function flat(values: Numbers): number[] {
  return Array.from(values as ArrayLike<number>).flatMap((value) => (typeof value === "object" ? flat(value) : Number(value)));
}

/**
 * An array against its statistic record: shape, the listed elements, |a - b| ≤ tol · (|b| + mean|·|), and the two sums, relative to
 * the sum of absolute values.
 *
 * @param data row-major over `shape`
 */
export function expectRecord(
  data: ArrayLike<number>,
  shape: readonly number[],
  record: StatisticRecord,
  { tol, sumTol = tol, name = "record" }: { tol: number; sumTol?: number; name?: string },
): void {
  if (String(shape) !== String(record.shape)) throw new Error(`${name}: ours is [${shape}], theirs [${record.shape}]`);
  const length = record.shape.reduce((a, b) => a * b, 1);
  if (data.length !== length) throw new Error(`${name}: [${shape}] has ${length} elements, ours ${data.length}`);
  const mean = record.abs / length;
  expectPairs(
    record.idx.map((index, k) => {
      const theirs = record.val[k]!;
      return { at: `${index} [${place(index, shape).join(", ")}]`, ours: data[index]!, theirs, allowed: tol * (Math.abs(theirs) + mean) };
    }),
    name,
  );
  const allowed = sumTol * record.abs;
  expectPairs(
    [
      { at: "the sum", ours: sum(data, (x) => x), theirs: record.sum, allowed },
      { at: "the sum of absolute values", ours: sum(data, Math.abs), theirs: record.abs, allowed },
    ],
    name,
  );
}

function sum(data: ArrayLike<number>, of: (x: number) => number): number {
  let total = 0;
  for (let i = 0; i < data.length; i++) total += of(data[i]!);
  return total;
}

/** 5 in [2, 3] is [1, 2]. */
function place(index: number, shape: readonly number[]): number[] {
  const result: number[] = [];
  for (let rest = index, d = shape.length - 1; d >= 0; d--) {
    result.unshift(rest % shape[d]!);
    rest = Math.floor(rest / shape[d]!);
  }
  return result;
}

/** A list of integers against its sparse form: exact. */
export function expectSparse(ours: ArrayLike<number | bigint>, theirs: GoldenSparse, { name = "sparse list" } = {}): void {
  const full = new Array<number>(theirs.length).fill(theirs.default);
  for (const [index, value] of theirs.entries) full[index] = value;
  expectClose(ours, full, { name });
}

/**
 * Detections of one image: the count within 1 %, and each of the best ones is found again: the nearest box of the same label, whose
 * score and corners (pixels) agree. Positions are not compared: neighbours with almost equal scores may swap.
 */
export function expectDetections(
  ours: Detections,
  theirs: GoldenDetections,
  { scoreTol = 2e-5, boxTol = 2e-2, name = "detections" }: { scoreTol?: number; boxTol?: number; name?: string } = {},
): void {
  expectClose([ours.scores.length], [theirs.count], { rtol: 0.01, name: `${name}, count` });
  theirs.boxes.forEach((box, k) => {
    const i = nearest(ours, theirs.labels[k]!, box);
    if (i < 0) throw new Error(`${name}: nothing of label ${theirs.labels[k]}, theirs has one with score ${theirs.scores[k]}`);
    const found = Array.from({ length: 4 }, (_, c) => ours.boxes[4 * i + c]!);
    expectClose(found, box, { atol: boxTol, name: `${name}, box ${k}` });
    expectClose([ours.scores[i]!], [theirs.scores[k]!], { atol: scoreTol, name: `${name}, score ${k}` });
  });
}

function nearest(ours: Detections, label: number, box: readonly number[]): number {
  let [best, distance] = [-1, Number.POSITIVE_INFINITY];
  for (let i = 0; i < ours.scores.length; i++) {
    const d = box.reduce((total, value, c) => total + Math.abs(value - ours.boxes[4 * i + c]!), 0);
    if (Number(ours.labels[i]) === label && d < distance) [best, distance] = [i, d];
  }
  return best;
}
