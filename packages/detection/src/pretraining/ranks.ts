import { scope, type Tensor } from "@singleshot/torch";

/**
 * How many classes are held at least as likely as the right one: 0 where it is the best alone. A tie counts against the answer, and so
 * does what is not a number.
 *
 * @param logits  [N, C]
 * @param targets [N] int64, from 0
 */
export function ranksOf(logits: Tensor, targets: Tensor): number[] {
  return scope(() => {
    const right = logits.gather(1, targets.unsqueeze(1)); // [N, 1]
    const others = logits.lt(right).logicalNot().to("int64").sum([1]).sub(1);
    return Array.from(others.toTypedArray<"int64">(), Number);
  });
}

/** The share of answers that have the right class among their first k. */
export const accuracyOf = (ranks: readonly number[], k = 1): number => ranks.filter((rank) => rank < k).length / ranks.length;
