import { fromBuffer, keep, type Tensor } from "@singleshot/torch";
import {
  type AugmentationStep,
  type DatasetEntry,
  InputError,
  type InputOptions,
  maxPixels,
  type Placement,
  permutation,
  randomOf,
} from "@singleshot/vision";
import { pixelsOf } from "./pixels.js";
import { createPool, type Pool } from "./pool.js";
import type { Produced } from "./produce.js";

export interface LoaderOptions {
  entries: readonly DatasetEntry[];
  /** What happens to a picture before that. */
  augmentation: readonly AugmentationStep[];
  /** How pictures are laid into the network's input. */
  input: InputOptions;
  batchSize: number;
  seed?: number;
  shuffle?: boolean;
  /** Leave out an incomplete last batch. */
  dropLast?: boolean;
  /** Threads that decode and augment; 0: this one. */
  workers?: number;
  cacheBytes?: number;
  /** A broken picture ends the run, or is left out and told once. */
  broken?: "fatal" | "skip";
  onBroken?: (error: InputError) => void;
}

/** Pictures of one step with their ground truth. It owns its tensors: `using batch = …`. */
export interface Batch extends Disposable {
  /** [N, 3, H, W] uint8, channels-last */
  images: Tensor;
  /** [N, M, 4] xyxy in pixels of the network's input, padded with zeros */
  boxes: Tensor;
  /** [N, M] int64, 1-based, padded with 0 */
  labels: Tensor;
  /** [N] int64 */
  counts: Tensor;
  /** [N, 2] int64, height and width of what is no padding; only where pictures have sizes of their own */
  extents?: Tensor;
  /** Where each picture lies in the input. */
  placements: Placement[];
  entries: DatasetEntry[];
}

const PREFETCH = 2; // batches made ready while one is trained on

/**
 * Batches of a data set. Order, shuffling and augmentation depend on (seed, epoch, index) only, never on the number of workers;
 * pixels land in shared memory as they are decoded and are not copied again. Memory is bounded by the cache and three batches.
 */
export class Loader {
  readonly #options: Required<Omit<LoaderOptions, "onBroken">> & Pick<LoaderOptions, "onBroken">;
  readonly #pool: Pool;
  readonly #free: SharedArrayBuffer[] = [];
  readonly #told = new Set<string>();

  constructor(options: LoaderOptions) {
    this.#options = { seed: 0, shuffle: false, dropLast: false, workers: 1, cacheBytes: 0, broken: "fatal", ...options };
    const { augmentation, input, workers, cacheBytes } = this.#options;
    this.#pool = createPool(workers, { steps: augmentation, input, cacheBytes });
  }

  get batchesPerEpoch(): number {
    const { entries, batchSize, dropLast } = this.#options;
    return dropLast && entries.length >= batchSize ? Math.floor(entries.length / batchSize) : Math.ceil(entries.length / batchSize);
  }

  /** The batches of an epoch, from the given one on. */
  async *epoch(epoch: number, { from = 0 }: { from?: number } = {}): AsyncGenerator<Batch> {
    const { batchSize } = this.#options;
    const order = this.#order(epoch);
    const ahead: Promise<Batch>[] = [];
    let next = from;
    try {
      while (next < this.batchesPerEpoch || ahead.length > 0) {
        while (next < this.batchesPerEpoch && ahead.length <= PREFETCH) {
          const batch = this.#assemble(order.slice(next * batchSize, (next + 1) * batchSize), epoch);
          batch.catch(() => {}); // it is reported when its turn comes
          ahead.push(batch);
          next++;
        }
        const batch = await ahead.shift()!;
        if (batch.entries.length > 0) yield batch;
        else batch[Symbol.dispose]();
      }
    } finally {
      for (const rest of await Promise.allSettled(ahead)) if (rest.status === "fulfilled") rest.value[Symbol.dispose]();
    }
  }

  #order(epoch: number): number[] {
    const { entries, seed, shuffle } = this.#options;
    return shuffle ? permutation(randomOf(seed, epoch), entries.length) : [...entries.keys()];
  }

  async #assemble(indices: readonly number[], epoch: number): Promise<Batch> {
    const { entries, input, batchSize, seed } = this.#options;
    const room = 3 * maxPixels(input);
    const buffer = this.#free.pop() ?? new SharedArrayBuffer(batchSize * room);
    const results = await Promise.allSettled(
      indices.map((index, i) => this.#pool.produce({ entry: entries[index]!, seed, epoch, index }, buffer, i * room, room)),
    );
    const usable = indices.flatMap((index, i) => {
      const result = results[i]!;
      if (result.status === "fulfilled") return [{ place: i, entry: entries[index]!, produced: result.value }];
      this.#report(result.reason);
      return [];
    });
    const laid = usable.map(({ place, produced }) => ({ place, placement: produced.placement }));
    const tensors = { ...groundTruthOf(usable), ...pixelsOf(new Uint8Array(buffer), laid, input) };
    return {
      ...tensors,
      placements: laid.map(({ placement }) => placement),
      entries: usable.map(({ entry }) => entry),
      [Symbol.dispose]: () => {
        for (const tensor of Object.values(tensors)) tensor.dispose();
        this.#free.push(buffer);
      },
    };
  }

  #report(error: unknown): void {
    if (!(error instanceof InputError) || this.#options.broken === "fatal") throw error;
    if (this.#told.has(error.message)) return;
    this.#told.add(error.message);
    this.#options.onBroken?.(error);
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}

/** Boxes and labels padded to the largest number in the batch. */
function groundTruthOf(usable: readonly { produced: Produced }[]) {
  const N = usable.length;
  const M = Math.max(0, ...usable.map(({ produced }) => produced.labels.length));
  const boxes = new Float32Array(N * M * 4);
  const labels = new BigInt64Array(N * M);
  usable.forEach(({ produced }, n) => {
    boxes.set(produced.boxes, n * M * 4);
    produced.labels.forEach((label, m) => {
      labels[n * M + m] = BigInt(label);
    });
  });
  const counts = BigInt64Array.from(usable, ({ produced }) => BigInt(produced.labels.length));
  return {
    boxes: keep(fromBuffer(boxes, [N, M, 4])),
    labels: keep(fromBuffer(labels, [N, M])),
    counts: keep(fromBuffer(counts)),
  };
}
