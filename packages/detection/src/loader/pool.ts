import { Worker } from "node:worker_threads";
import { InputError } from "@singleshot/vision";
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

/** A picture always goes to the same worker, so that each worker's cache holds its own share. */
function threads(count: number, options: ProducerOptions): Pool {
  const waiting = new Map<number, { resolve: (produced: Produced) => void; reject: (error: Error) => void }>();
  const workers = Array.from({ length: count }, () => new Worker(new URL("./worker.js", import.meta.url), { workerData: options }));
  let next = 0;
  let closing = false;
  const failAll = (error: Error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  for (const worker of workers) {
    worker.on("error", failAll);
    worker.on("exit", () => !closing && failAll(new Error("a loader thread ended unexpectedly")));
    worker.on("message", (reply: WorkerReply) => {
      const place = waiting.get(reply.id);
      waiting.delete(reply.id);
      if ("wrongInput" in reply) place?.reject(new InputError(reply.wrongInput.problem, reply.wrongInput.place));
      else if ("error" in reply) place?.reject(reply.error);
      else place?.resolve(reply);
    });
  }
  return {
    produce: (task, buffer, offset, length) =>
      new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, { resolve, reject });
        workers[task.index % count]!.postMessage({ ...task, id, buffer, offset, length } satisfies WorkerTask);
      }),
    close: async () => {
      closing = true;
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
