import { parentPort, workerData } from "node:worker_threads";
import { InputError } from "@singleshot/vision";
import { type Produced, type ProducerOptions, producer, type Task } from "./produce.js";

/** A task and the place in a shared batch where its pixels go. */
export interface WorkerTask extends Task {
  id: number;
  buffer: SharedArrayBuffer;
  offset: number;
  length: number;
}

/** Between threads an error keeps its message alone: what is wrong with the input travels as plain data. */
export type WorkerReply = { id: number } & (Produced | { error: Error } | { wrongInput: Pick<InputError, "problem" | "place"> });

const produce = producer(workerData as ProducerOptions);

parentPort?.on("message", async ({ id, buffer, offset, length, ...task }: WorkerTask) => {
  try {
    parentPort?.postMessage({ id, ...(await produce(task, new Uint8Array(buffer, offset, length))) } satisfies WorkerReply);
  } catch (error) {
    parentPort?.postMessage({ id, ...described(error as Error) } satisfies WorkerReply);
  }
});

function described(error: Error) {
  return error instanceof InputError ? { wrongInput: { problem: error.problem, place: error.place } } : { error };
}
