import { InputError } from "@singleshot/base";
import { type Draw, permutation, randomOf } from "../random.js";
import { groupedBatches } from "./aspect-groups.js";
import { inBatches, type LastBatch, rolledOver } from "./batches.js";
import { repeated } from "./repeat-factors.js";

export interface EpochOptions {
  /** how many pictures there are, or the indices of those that are to be seen (`balancedPictures`) */
  pictures: number | readonly number[];
  seed: number;
  /** from 0 */
  epoch: number;
  batchSize: number;
  shuffle?: boolean;
  last?: LastBatch;
  /** for each picture its group, where a batch holds one group alone (`aspectGroups`) */
  groups?: ArrayLike<number>;
  /** for each picture how often it is seen (`repeatFactors`) */
  repeats?: ArrayLike<number>;
}

/**
 * The batches of an epoch, as indices of pictures. Depends on its arguments only: neither on what was asked before nor on who asks.
 *
 * @throws {InputError} where batches of one group were to roll over
 */
export function epochBatches(options: EpochOptions): number[][] {
  const { epoch, batchSize, last = "keep", groups } = options;
  if (groups && last === "roll-over")
    throw new InputError("batches of one group cannot roll over into the next epoch", {
      fix: "keep or drop the last ones, or leave out the groups",
    });
  if (last === "roll-over") return rolledOver(epoch, batchSize, (past) => orderOf(options, past), lengths(options));
  const order = orderOf(options, epoch);
  return groups ? groupedBatches(order, groups, batchSize, last) : inBatches(order, batchSize, last);
}

type Plan = Omit<EpochOptions, "epoch">;

/** How many batches each of the first so many epochs has. They are counted without being made. */
export function batchCounts(options: Plan, epochs: number): number[] {
  const { batchSize, last = "keep" } = options;
  const every = Array.from({ length: epochs }, (_, epoch) => epoch);
  if (last === "keep") return every.map(keptBatches(options));
  const pictures = every.map(lengths(options));
  if (last === "drop") return pictures.map((length) => Math.floor(length / batchSize));
  let left = 0;
  return pictures.map((length) => {
    const waiting = left + length;
    left = waiting % batchSize;
    return Math.floor(waiting / batchSize);
  });
}

function keptBatches(options: Plan): (epoch: number) => number {
  const { batchSize, groups } = options;
  return fixedUnlessRepeated(options, (seen) => {
    const sizes = new Map<number, number>();
    for (const index of seen) sizes.set(groups?.[index] ?? 0, (sizes.get(groups?.[index] ?? 0) ?? 0) + 1);
    return [...sizes.values()].reduce((sum, size) => sum + Math.ceil(size / batchSize), 0);
  });
}

/** How many pictures an epoch shows. */
const lengths = (options: Plan) => fixedUnlessRepeated(options, (seen) => seen.length);

/** Of the pictures that an epoch shows, in whatever order: without repeats those of any other. */
function fixedUnlessRepeated(options: Plan, count: (seen: readonly number[]) => number): (epoch: number) => number {
  const { seed, repeats } = options;
  const of = (epoch: number) => count(seenIn(options, randomOf(seed, epoch)));
  if (repeats) return of;
  const every = of(0);
  return () => every;
}

function orderOf(options: Plan, epoch: number): number[] {
  const { seed, shuffle = true } = options;
  const draw = randomOf(seed, epoch);
  const seen = seenIn(options, draw);
  return shuffle ? permutation(draw, seen.length).map((i) => seen[i]!) : seen;
}

/** Every picture as often as the epoch shows it. */
function seenIn({ pictures, repeats }: Plan, draw: Draw): number[] {
  const all = typeof pictures === "number" ? Array.from({ length: pictures }, (_, i) => i) : [...pictures];
  return repeats ? repeated(all, repeats, draw) : all;
}
