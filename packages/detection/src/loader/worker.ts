import { parentPort, workerData } from "node:worker_threads";
import { type PlainError, plainError } from "@singleshot/base";
import { type Produced, type ProducerOptions, producer, type Task } from "./produce.js";

/** A task and the place in a shared batch where its pixels go. */
export interface WorkerTask extends Task {
  id: number;
  buffer: SharedArrayBuffer;
  offset: number;
  length: number;
}

export type WorkerReply = { id: number } & (Produced | PlainError);

const produce = producer(workerData as ProducerOptions);

parentPort?.on("message", async ({ id, buffer, offset, length, ...task }: WorkerTask) => {
  try {
    parentPort?.postMessage({ id, ...(await produce(task, new Uint8Array(buffer, offset, length))) } satisfies WorkerReply);
  } catch (error) {
    parentPort?.postMessage({ id, ...plainError(error) } satisfies WorkerReply);
  }
});
