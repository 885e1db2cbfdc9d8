import { setTimeout } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { InputError, thrownError } from "@singleshot/base";
import { type Produced, type ProducerOptions, producer, type Task } from "./produce.js";
import type { WorkerReply, WorkerTask } from "./worker.js";

/** Makes samples, in worker threads or (0 workers) in this one. */
export interface Pool {
  /** Writes the pixels to `buffer` at `offset`. */
  produce(task: Task, buffer: SharedArrayBuffer, offset: number, length: number): Promise<Produced>;
  close(): Promise<void>;
}

export function createPool(workers: number, options: ProducerOptions): Pool {
  return workers === 0 ? sameThread(options) : threads(workers, { ...options, cacheBytes: options.cacheBytes / workers });
}

function sameThread(options: ProducerOptions): Pool {
  const produce = producer(options);
  return {
    produce: (task, buffer, offset, length) => produce(task, new Uint8Array(buffer, offset, length)),
    close: async () => {},
  };
}

interface Waiting {
  worker: Worker;
  file: string;
  resolve: (produced: Produced) => void;
  reject: (error: Error) => void;
}

/** A picture always goes to the same worker, so that each worker's cache holds its own share. */
function threads(count: number, options: ProducerOptions): Pool {
  const waiting = new Map<number, Waiting>();
  const workers = Array.from({ length: count }, () => new Worker(new URL("./worker.js", import.meta.url), { workerData: options }));
  let next = 0;
  let closing = false;
  let ended: Error | undefined; // the first thread that ended takes all with it
  const end = (error: Error) => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  for (const worker of workers) {
    worker.on("error", (error: NodeJS.ErrnoException) =>
      end(error.code === OUT_OF_MEMORY ? lost(worker, waiting, "out of memory") : error),
    );
    worker.on("exit", () => closing || end(lost(worker, waiting, "ended from outside")));
    worker.on("message", (reply: WorkerReply) => settle(waiting, reply));
  }
  return {
    produce: (task, buffer, offset, length) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        const id = next++;
        const worker = workers[task.index % count]!;
        waiting.set(id, { worker, file: task.entry.imageFile, resolve, reject });
        worker.postMessage({ ...task, id, buffer, offset, length } satisfies WorkerTask);
      }),
    close: async () => {
      closing = true;
      await terminate(workers);
    },
  };
}

function settle(waiting: Map<number, Waiting>, reply: WorkerReply): void {
  const place = waiting.get(reply.id);
  waiting.delete(reply.id);
  if ("wrongInput" in reply || "error" in reply) place?.reject(thrownError(reply));
  else place?.resolve(reply);
}

const PATIENCE_MS = 5000; // a thread that waits for a disk cannot be ended

async function terminate(workers: readonly Worker[]): Promise<void> {
  const patience = new AbortController();
  const gone = Promise.all(workers.map((worker) => worker.terminate()));
  await Promise.race([gone, setTimeout(PATIENCE_MS, undefined, { signal: patience.signal, ref: false }).catch(() => {})]);
  patience.abort();
}

/** No picture's fault, though it may be in one's way: it ends a run that skips broken pictures, too. */
export class ThreadLost extends InputError {}

const OUT_OF_MEMORY = "ERR_WORKER_OUT_OF_MEMORY";

/** A thread was ended from outside, or by want of memory. */
function lost(worker: Worker, waiting: ReadonlyMap<number, Waiting>, reason: string): ThreadLost {
  const own = [...waiting.values()].find((one) => one.worker === worker);
  return new ThreadLost(`a thread that loads pictures has died (${reason})`, {
    ...(own && { file: own.file }),
    fix: "go on with --resume; if memory is short, with fewer data.workers or a smaller data.cacheMegabytes",
  });
}
