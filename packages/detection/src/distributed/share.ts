/** One of the processes that share something out. */
export interface Share {
  rank: number;
  size: number;
}

/**
 * A rank's part of a batch: what lies beside each other, as many for each rank or one more. A batch of fewer pictures than there are ranks
 * begins anew, so that every rank has one.
 */
export function partOf<T>(batch: readonly T[], { rank, size }: Share): T[] {
  const filled = batch.length >= size ? batch : Array.from({ length: size }, (_, i) => batch[i % batch.length]!);
  const start = (of: number) => Math.floor((of * filled.length) / size);
  return batch.length === 0 ? [] : filled.slice(start(rank), start(rank + 1));
}

/** Sums of what every rank has said, number by number. */
export const summed = (said: readonly (readonly number[])[]): number[] =>
  said[0]!.map((_, i) => said.reduce((sum, own) => sum + own[i]!, 0));

/** Pictures of a rank's part of a batch that lie beside each other and are computed at once, while the other ranks compute theirs. */
export interface Span {
  from: number;
  count: number;
  /** How many pictures all ranks compute at the same time. */
  together: number;
  /** These all as a share of the batch. */
  weight: number;
}

/** A rank's part in spans of at most `size` pictures, as many spans on every rank: so the last may have one more. */
export function spansOf(pictures: readonly number[], rank: number, size = Number.POSITIVE_INFINITY): Span[] {
  const spans = Math.max(1, Math.ceil(Math.min(...pictures) / size));
  const from = (span: number) => (span === 0 ? 0 : span * size);
  const countOf = (all: number, span: number) => (span === spans - 1 ? all - from(span) : size);
  const whole = pictures.reduce((sum, all) => sum + all, 0);
  return Array.from({ length: spans }, (_, span) => {
    const together = pictures.reduce((sum, all) => sum + countOf(all, span), 0);
    const count = countOf(pictures[rank]!, span);
    return { from: from(span), count, together, weight: together / whole };
  });
}

/** A rank's batches, whole: the first, then every so many further on. What comes of them is the same, whoever computes it. */
export function batchesOf<T>(items: readonly T[], batchSize: number, { rank, size }: Share): T[] {
  return items.filter((_, i) => Math.floor(i / batchSize) % size === rank);
}

/** Puts together again what ranks have made of their batches: `parts` by rank. */
export function inOrder<T>(parts: readonly (readonly T[])[], batchSize: number): T[] {
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  const places = parts.map(() => 0);
  return Array.from({ length: total }, (_, i) => {
    const rank = Math.floor(i / batchSize) % parts.length;
    return parts[rank]![places[rank]!++]!;
  });
}
