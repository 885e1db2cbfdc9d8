import { native } from "../native.js";
import type { Tensor } from "../ops.generated.js";
import { handlesOf } from "../tensor-base.js";
import { failureOf } from "./failure.js";
import type { ProcessGroup } from "./process-group.js";

export interface GradientBucketsOptions {
  /** What is sent at once; the first of a backward pass is 1 MB. */
  bucketBytes?: number;
  /** Send a bucket while backward still computes the next ones. */
  overlap?: boolean;
}

/**
 * Sums the gradients of parameters over the ranks of a group, in buckets that are on their way while backward still runs.
 *
 *     buckets.begin();
 *     loss.backward();            // the last of the step, where it has several
 *     await buckets.reduced();    // every `.grad` is the sum over all ranks now, the same bits on each
 *
 * What else the group is asked for meanwhile has to come in the same order on every rank. Parameters must be the same, in the same
 * order, on every rank; those without a gradient are left without.
 *
 * @see Li et al. 2020, PyTorch Distributed (arXiv:2006.15704)
 */
export class GradientBuckets implements Disposable {
  readonly #number: number;

  constructor(
    readonly group: ProcessGroup,
    parameters: Iterable<Tensor>,
    { bucketBytes = 25 * 2 ** 20, overlap = true }: GradientBucketsOptions = {},
  ) {
    const trained = [...parameters].filter(({ requiresGrad }) => requiresGrad);
    this.#number = native.openGradientBuckets(group.number, handlesOf(trained, "gradient buckets"), bucketBytes, overlap);
  }

  /** The next backward pass completes the gradients of a step. */
  begin(): void {
    native.armGradientBuckets(this.#number);
  }

  async reduced(): Promise<void> {
    try {
      await native.reduceGradients(this.#number);
    } catch (error) {
      throw failureOf(this.group, "sum of the gradients", error);
    }
  }

  /** Since they were made: milliseconds that buckets were on their way, and those of them that backward had not covered. */
  get times(): { buckets: number; reducingMs: number; waitedMs: number } {
    const [buckets = 0, reducingMs = 0, waitedMs = 0] = native.gradientBucketTimes(this.#number);
    return { buckets, reducingMs, waitedMs };
  }

  [Symbol.dispose](): void {
    native.closeGradientBuckets(this.#number);
  }
}
