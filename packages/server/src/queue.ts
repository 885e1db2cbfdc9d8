import type { Detections, Picture, Size } from "@singleshot/vision";
import { later, Refusal } from "./refusal.js";

/** A picture's file that waits for its turn. */
export interface Job {
  bytes: Uint8Array;
  size: Size;
}

export interface Answer extends Size {
  detections: Detections;
}

export interface QueueOptions {
  /** @throws Error with one sentence where a file is no whole picture */
  decode(bytes: Uint8Array): Promise<Picture>;
  detect(pictures: readonly Picture[]): Promise<Detections[]>;
  /** Pictures computed together. */
  batchSize: number;
  /** Pixels that are decoded together, unless a picture alone has more. */
  batchPixels: number;
  /** Pictures that wait or are computed. */
  length: number;
  onBatch?: (size: number, ms: number) => void;
}

/** Pictures of concurrent requests, computed in batches. */
export interface Queue {
  /** Waiting and computed. */
  readonly length: number;
  readonly isFull: boolean;
  /** @throws Refusal 429 where too many wait, 422 where the file is damaged; what `signal` was aborted with */
  detect(job: Job, signal: AbortSignal): Promise<Answer>;
}

interface Waiting extends Job {
  answer(answer: Answer): void;
  refuse(error: Error): void;
  isGone: boolean;
}

interface Decoded {
  one: Waiting;
  picture: Picture;
}

/**
 * What waits when the engine is free is one batch, so nobody waits for company. Files wait as they came: at most two batches are decoded
 * at a time, one that is computed and the next.
 */
export class BatchQueue implements Queue {
  readonly #options: QueueOptions;
  readonly #waiting: Waiting[] = [];
  #length = 0;
  #isWorking = false;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#length;
  }

  get isFull(): boolean {
    return this.#length >= this.#options.length;
  }

  async detect(job: Job, signal: AbortSignal): Promise<Answer> {
    if (this.isFull) throw later(429, `${this.#length} pictures wait already: try again`);
    this.#length++;
    try {
      return await new Promise<Answer>((answer, refuse) => {
        const one: Waiting = { ...job, answer, refuse, isGone: false };
        const leave = () => {
          one.isGone = true;
          refuse(signal.reason);
        };
        signal.addEventListener("abort", leave, { once: true });
        this.#waiting.push(one);
        void this.#work();
      });
    } finally {
      this.#length--;
    }
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    let computed: Promise<void> = Promise.resolve();
    for (let batch = this.#take(); batch.length > 0; batch = this.#take()) {
      const decoded = await this.#decode(batch);
      await computed;
      computed = this.#compute(decoded);
      if (this.#waiting.length === 0) await computed; // who comes meanwhile makes the next batch
    }
    this.#isWorking = false;
  }

  #take(): Waiting[] {
    const { batchSize, batchPixels } = this.#options;
    const batch: Waiting[] = [];
    let pixels = 0;
    for (let next = this.#waiting[0]; next && batch.length < batchSize; next = this.#waiting[0]) {
      pixels += next.size.width * next.size.height;
      if (batch.length > 0 && pixels > batchPixels) break;
      this.#waiting.shift();
      if (!next.isGone) batch.push(next);
    }
    return batch;
  }

  async #decode(batch: readonly Waiting[]): Promise<Decoded[]> {
    const decoded = batch.map(async (one): Promise<Decoded[]> => {
      try {
        return [{ one, picture: await this.#options.decode(one.bytes) }];
      } catch (error) {
        one.refuse(new Refusal(422, (error as Error).message));
        return [];
      }
    });
    return (await Promise.all(decoded)).flat();
  }

  async #compute(batch: readonly Decoded[]): Promise<void> {
    if (batch.length === 0) return;
    const { detect, onBatch } = this.#options;
    const start = performance.now();
    const sizes = batch.map(({ picture: { width, height } }) => ({ width, height })); // the pixels go to the engine's thread
    try {
      const found = await detect(batch.map(({ picture }) => picture));
      for (const [i, { one }] of batch.entries()) one.answer({ ...sizes[i]!, detections: found[i]! });
      onBatch?.(batch.length, performance.now() - start);
    } catch (error) {
      for (const { one } of batch) one.refuse(error as Error);
    }
  }
}
