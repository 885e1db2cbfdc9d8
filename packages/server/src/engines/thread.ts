import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { thrownError } from "@singleshot/base";
import type { Detections, Picture } from "@singleshot/vision";
import type { Engine, EngineOptions, ModelFacts } from "./engine.js";
import type { Reply, ThreadOptions } from "./worker.js";

/**
 * Loads a model in a thread of its own and measures which engine is faster.
 *
 * @throws InputError
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), "singleshot-serve-"));
  const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: { ...options, folder } satisfies ThreadOptions });
  const close = async () => {
    await worker.terminate();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const facts = await factsOf(worker);
    return { facts, close, ...calls(worker) };
  } catch (error) {
    await close();
    throw error;
  }
}

function factsOf(worker: Worker): Promise<ModelFacts> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (reply: Reply) => {
      worker.off("error", reject);
      if ("facts" in reply) resolve(reply.facts);
      else reject(errorOf(reply));
    });
  });
}

/** Questions to the thread, and its answers as they come. */
function calls(worker: Worker): Pick<Engine, "detect" | "failure"> {
  const open = new Map<number, { resolve: (found: Detections[]) => void; reject: (error: Error) => void }>();
  let next = 0;
  let failure: Error | undefined;
  const fail = (error: Error) => {
    failure ??= error;
    for (const { reject } of open.values()) reject(failure);
    open.clear();
  };
  worker.on("error", fail);
  worker.on("exit", (code) => fail(new Error(`the engine's thread ended with ${code}`)));
  worker.on("message", (reply: Extract<Reply, { id: number }>) => {
    const call = open.get(reply.id);
    open.delete(reply.id);
    if ("found" in reply) call?.resolve(reply.found);
    else call?.reject(errorOf(reply));
  });
  const detect = (pictures: readonly Picture[]): Promise<Detections[]> =>
    new Promise((resolve, reject) => {
      if (failure) return reject(failure);
      const id = next++;
      open.set(id, { resolve, reject });
      worker.postMessage({ id, pictures: pictures.map(withOwnBuffer) }); // copied: memory that sharp has given cannot change hands
    });
  return { detect, failure: () => failure };
}

/** With a buffer goes all that it holds. */
const withOwnBuffer = (picture: Picture): Picture =>
  picture.data.byteLength === picture.data.buffer.byteLength ? picture : { ...picture, data: picture.data.slice() };

/** Between threads an error keeps its message alone. */
function errorOf(reply: Reply): Error {
  return "wrongInput" in reply || "error" in reply ? thrownError(reply) : new Error("the engine's thread said something else");
}
