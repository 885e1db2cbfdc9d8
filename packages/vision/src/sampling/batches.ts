/** What becomes of the last batch of an epoch, if it is not full. */
export type LastBatch = "keep" | "drop" | "roll-over";

/** Consecutive batches; the last may be smaller, or is left out. */
export function inBatches(order: readonly number[], batchSize: number, last: "keep" | "drop"): number[][] {
  const full = Math.floor(order.length / batchSize);
  const count = last === "drop" ? full : Math.ceil(order.length / batchSize);
  return Array.from({ length: count }, (_, i) => order.slice(i * batchSize, (i + 1) * batchSize));
}

/**
 * The full batches of an epoch where what is left of one begins the next (MXNet's `rollover`): the orders of all epochs form one
 * stream.
 *
 * @param orderOf of any epoch up to this one
 * @param lengthOf of the same, without the order
 */
export function rolledOver(
  epoch: number,
  batchSize: number,
  orderOf: (epoch: number) => readonly number[],
  lengthOf: (epoch: number) => number,
): number[][] {
  let left = 0;
  for (let past = 0; past < epoch; past++) left = (left + lengthOf(past)) % batchSize;
  let begin: number[] = [];
  for (let past = epoch - 1; begin.length < left; past--) begin = [...orderOf(past).slice(begin.length - left), ...begin];
  return inBatches([...begin, ...orderOf(epoch)], batchSize, "drop");
}
