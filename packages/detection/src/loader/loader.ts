import { fromBuffer, keep, type Tensor } from "@singleshot/torch";
import {
  type AugmentationStep,
  batchCounts,
  batchOf,
  type DatasetEntry,
  type EpochOptions,
  epochBatches,
  InputError,
  type InputOptions,
  maxPixels,
  type Placement,
} from "@singleshot/vision";
import { partOf, type Share } from "../distributed/index.js";
import { pixelsOf } from "./pixels.js";
import { createPool, type Pool, ThreadLost } from "./pool.js";
import type { Produced, Task } from "./produce.js";

/** Which entries an epoch shows (left out: all), how often, and in which batches. */
export type Sampling = Partial<Pick<EpochOptions, "pictures" | "groups" | "repeats" | "last">>;

export interface LoaderOptions extends Sampling {
  entries: readonly DatasetEntry[];
  /** What happens to a picture before that. */
  augmentation: readonly AugmentationStep[];
  /** How pictures are laid into the network's input. */
  input: InputOptions;
  batchSize: number;
  /** The process's part of every batch; left out: all of it. */
  share?: Share;
  seed?: number;
  shuffle?: boolean;
  /** Threads that decode and augment; 0: this one. */
  workers?: number;
  cacheBytes?: number;
  /** Large JPEGs are decoded smaller, to no less than twice the pixels along each side that are made of what is seen of them. */
  shrinkOnLoad?: boolean;
  /** A picture that cannot be read in this time counts as broken; a minute by default. */
  limitMs?: number;
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
  /** Which of the epoch's batches it is. */
  index: number;
}

const PREFETCH = 2; // batches made ready while one is trained on

/**
 * Batches of a data set. Order, shuffling and augmentation depend on (seed, epoch, index) only, never on the number of workers;
 * pixels land in shared memory as they are decoded and are not copied again. Memory is bounded by the cache and three batches.
 */
export class Loader {
  readonly #options: LoaderOptions & Required<Pick<LoaderOptions, "seed" | "broken">>;
  readonly #plan: Omit<EpochOptions, "epoch">;
  readonly #pool: Pool;
  readonly #free: SharedArrayBuffer[] = [];
  readonly #told = new Set<string>();

  constructor(options: LoaderOptions) {
    this.#options = { seed: 0, broken: "fatal", ...options };
    this.#plan = planOf(this.#options);
    const { augmentation, input, workers = 1, cacheBytes = 0, shrinkOnLoad = false, limitMs } = options;
    this.#pool = createPool(workers, { steps: augmentation, input, cacheBytes, shrinkOnLoad, ...(limitMs !== undefined && { limitMs }) });
  }

  /** How many batches each of the first so many epochs has. */
  batchCounts(epochs: number): number[] {
    return batchCounts(this.#plan, epochs);
  }

  /** The batches of an epoch, from the given one on. @throws InputError where a picture is broken and that is fatal, or all are */
  async *epoch(epoch: number, { from = 0 }: { from?: number } = {}): AsyncGenerator<Batch> {
    const { share } = this.#options;
    const all = withRepeats(epochBatches({ ...this.#plan, epoch }));
    const batches = share ? all.map((batch) => partOf(batch, share)) : all;
    const ahead: Promise<Batch>[] = [];
    let next = from;
    let usable = from > 0 || batches.length === 0;
    try {
      while (next < batches.length || ahead.length > 0) {
        while (next < batches.length && ahead.length <= PREFETCH) {
          const batch = this.#assemble(batches[next]!, epoch, next);
          batch.catch(() => {}); // it is reported when its turn comes
          ahead.push(batch);
          next++;
        }
        const batch = await ahead.shift()!;
        if (batch.entries.length === 0) batch[Symbol.dispose]();
        else {
          usable = true;
          yield batch;
        }
      }
      if (!usable)
        throw new InputError(`none of the pictures of epoch ${epoch + 1} could be read`, {
          fix: "see what was left out, above: is their disk there?",
        });
    } finally {
      for (const rest of await Promise.allSettled(ahead)) if (rest.status === "fulfilled") rest.value[Symbol.dispose]();
    }
  }

  async #assemble(pictures: readonly Planned[], epoch: number, place: number): Promise<Batch> {
    const { entries, input, batchSize, share, seed } = this.#options;
    const room = 3 * maxPixels(input);
    const buffer = this.#free.pop() ?? new SharedArrayBuffer(Math.ceil(batchSize / (share?.size ?? 1)) * room);
    const results = await Promise.allSettled(
      pictures.map(({ index, repeat }, i) =>
        this.#pool.produce({ entry: entries[index]!, seed, epoch, index, repeat }, buffer, i * room, room),
      ),
    );
    const usable = pictures.flatMap(({ index }, i) => {
      const result = results[i]!;
      if (result.status === "fulfilled") return [{ place: i, entry: entries[index]!, produced: result.value }];
      this.#report(result.reason);
      return [];
    });
    const laid = usable.map(({ place, produced }) => ({ place, placement: produced.placement }));
    const tensors = { ...groundTruthOf(usable), ...pixelsOf(batchOf(new Uint8Array(buffer), laid, input)) };
    return {
      ...tensors,
      placements: laid.map(({ placement }) => placement),
      entries: usable.map(({ entry }) => entry),
      index: place,
      [Symbol.dispose]: () => {
        for (const tensor of Object.values(tensors)) tensor.dispose();
        this.#free.push(buffer);
      },
    };
  }

  #report(error: unknown): void {
    if (!(error instanceof InputError) || error instanceof ThreadLost || this.#options.broken === "fatal") throw error;
    if (this.#told.has(error.message)) return;
    this.#told.add(error.message);
    this.#options.onBroken?.(error);
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}

/** Fewer pictures than a batch holds are not dropped. */
function planOf(options: LoaderOptions & { seed: number }): Omit<EpochOptions, "epoch"> {
  const { entries, batchSize, pictures = entries.length, last = "keep" } = options;
  const count = typeof pictures === "number" ? pictures : pictures.length;
  return { shuffle: false, ...options, pictures, last: last === "drop" && count < batchSize ? "keep" : last };
}

type Planned = Pick<Task, "index" | "repeat">;

/** Tells how often each picture was seen before. */
function withRepeats(batches: readonly (readonly number[])[]): Planned[][] {
  const seen = new Map<number, number>();
  return batches.map((batch) =>
    batch.map((index) => {
      const repeat = seen.get(index) ?? 0;
      seen.set(index, repeat + 1);
      return { index, repeat };
    }),
  );
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
