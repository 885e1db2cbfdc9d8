import { parentPort, workerData } from "node:worker_threads";
import type { Detections, InputError, Picture } from "@singleshot/vision";
import type { EngineOptions, ModelFacts } from "./engine.js";
import { openModel } from "./open.js";

/** What a thread is started with. */
export interface ThreadOptions extends EngineOptions {
  /** Where the model may be written as ONNX: the folder lives as long as the thread. */
  folder: string;
}

type Failure = { error: Error } | { wrongInput: Pick<InputError, "problem" | "place"> };
export type Reply = { facts: ModelFacts } | ({ id: number } & ({ found: Detections[] } | Failure)) | Failure;

const say = (reply: Reply) => parentPort?.postMessage(reply);

/** Of vision or of torch. */
const isInputError = (error: unknown): error is InputError => (error as Error).name === "InputError";

function described(error: unknown): Failure {
  if (isInputError(error)) return { wrongInput: { problem: error.problem, place: error.place } };
  return { error: error instanceof Error ? error : new Error(String(error)) };
}

try {
  const { runner, facts } = await openModel(workerData as ThreadOptions);
  parentPort?.on("message", async ({ id, pictures }: { id: number; pictures: Picture[] }) => {
    try {
      say({ id, found: await runner.detect(pictures) });
    } catch (error) {
      say({ id, ...described(error) });
    }
  });
  say({ facts });
} catch (error) {
  say(described(error));
}
