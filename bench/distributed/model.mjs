/**
 * How long a step of data-parallel training takes, from what can be measured on one machine: compute, bandwidth, latency.
 *
 * An all-reduce in a ring sends 2 (n - 1) messages of a bucket's n-th part one after another:
 *
 *     t = 2 (n - 1) (latency + bytes / n / bandwidth)
 *
 * Buckets become ready in the course of backward, by their bytes, and one is reduced at a time while backward goes on; the optimizer
 * waits for the last. Batch norm that is synchronised adds two small all-reduces a layer, which nothing hides.
 */

const MEGABYTE = 2 ** 20;

/** Seconds that n processes need to add up so many bytes. */
export const ringAllReduce = (bytes, { processes: n, latency, bandwidth }) => 2 * (n - 1) * (latency + bytes / n / bandwidth);

/** Gradients of so many float32 parameters as they are sent: a small bucket, so that something is on its way soon, then large ones. */
export function bucketsOf(parameters, { first = MEGABYTE, others = 25 * MEGABYTE } = {}) {
  const sizes = [];
  for (let left = 4 * parameters; left > 0; left -= sizes.at(-1)) sizes.push(Math.min(left, sizes.length === 0 ? first : others));
  return sizes;
}

/**
 * @param step { compute, backward, parameters, overlapped, syncedLayers, statisticsBytes }: seconds of one process on its own with its
 *   share of the pictures; which part of them is backward; whether buckets are reduced while it runs; layers of synchronised batch norm
 * @param network { processes, latency, bandwidth }: seconds, bytes a second
 * @returns { step, communication, exposed } in seconds; exposed is what the step is longer than compute
 */
export function stepTime({ compute, backward = 0.62, parameters, overlapped = true, syncedLayers = 0, statisticsBytes = 2048 }, network) {
  const buckets = bucketsOf(parameters);
  const backwardStart = compute * (1 - backward);
  let done = 0;
  let reduced = 0;
  let communication = 0;
  for (const bytes of buckets) {
    reduced += bytes;
    const ready = overlapped ? backwardStart + compute * backward * (reduced / (4 * parameters)) : compute;
    const time = ringAllReduce(bytes, network);
    done = Math.max(done, ready) + time;
    communication += time;
  }
  const statistics = 2 * syncedLayers * ringAllReduce(statisticsBytes, network);
  const step = Math.max(compute, done) + statistics;
  return { step, communication: communication + statistics, exposed: step - compute };
}
