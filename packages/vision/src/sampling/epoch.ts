import { InputError } from "../errors.js";
import { permutation, randomOf } from "../random.js";
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
  const { pictures, epoch, batchSize, last = "keep", groups, repeats } = options;
  if (groups && last === "roll-over")
    throw new InputError("batches of one group cannot roll over into the next epoch", {
      fix: "keep or drop the last ones, or leave out the groups",
    });
  const length = typeof pictures === "number" ? pictures : pictures.length;
  const lengthOf = (past: number) => (repeats ? orderOf(options, past).length : length);
  if (last === "roll-over") return rolledOver(epoch, batchSize, (past) => orderOf(options, past), lengthOf);
  const order = orderOf(options, epoch);
  return groups ? groupedBatches(order, groups, batchSize, last) : inBatches(order, batchSize, last);
}

function orderOf({ pictures, seed, shuffle = true, repeats }: EpochOptions, epoch: number): number[] {
  const draw = randomOf(seed, epoch);
  const all = typeof pictures === "number" ? Array.from({ length: pictures }, (_, i) => i) : [...pictures];
  const seen = repeats ? repeated(all, repeats, draw) : all;
  return shuffle ? permutation(draw, seen.length).map((i) => seen[i]!) : seen;
}
