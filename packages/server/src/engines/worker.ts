import { parentPort, workerData } from "node:worker_threads";
import { type PlainError, plainError } from "@singleshot/base";
import type { Detections, Picture } from "@singleshot/vision";
import type { EngineOptions, ModelFacts } from "./engine.js";
import { openModel } from "./open.js";

/** What a thread is started with. */
export interface ThreadOptions extends EngineOptions {
  /** Where the model may be written as ONNX: the folder lives as long as the thread. */
  folder: string;
}

export type Reply = { facts: ModelFacts } | ({ id: number } & ({ found: Detections[] } | PlainError)) | PlainError;

const say = (reply: Reply) => parentPort?.postMessage(reply);

try {
  const { runner, facts } = await openModel(workerData as ThreadOptions);
  parentPort?.on("message", async ({ id, pictures }: { id: number; pictures: Picture[] }) => {
    try {
      say({ id, found: await runner.detect(pictures) });
    } catch (error) {
      say({ id, ...plainError(error) });
    }
  });
  say({ facts });
} catch (error) {
  say(plainError(error));
}
