import { readFile } from "node:fs/promises";
import {
  type Detections,
  detectExported,
  type Feeds,
  InputError,
  type Outputs,
  type Picture,
  type Runner,
  readModelCard,
  readOnnxHead,
} from "@singleshot/vision";
import type { InferenceSession, Tensor } from "onnxruntime-node";

export interface RuntimeOptions {
  /** Threads that compute; left out: as many as onnxruntime likes. */
  threads?: number;
}

/** A model that `export` wrote, run by onnxruntime. */
export interface OnnxRuntime extends Runner {
  /** All that the file says of itself, as texts. */
  metadata: ReadonlyMap<string, string>;
  inputs: readonly string[];
  outputs: readonly string[];
  /** Detections of pictures of any size, in pixels of each, as `detectPictures` gives them. Not with the raw graph, which knows no pictures. */
  detect(pictures: readonly Picture[]): Promise<Detections[]>;
  close(): Promise<void>;
}

/**
 * Opens a model that `export` wrote.
 *
 * @throws InputError where it is another file, or onnxruntime-node is not installed
 */
export async function openOnnx(file: string, { threads }: RuntimeOptions = {}): Promise<OnnxRuntime> {
  const bytes = await bytesOf(file);
  const [card, { metadata }] = [readModelCard(bytes), readOnnxHead(bytes)];
  const { InferenceSession, Tensor } = await loadRuntime();
  const session = await created(file, () =>
    InferenceSession.create(file, { logSeverityLevel: 3, ...(threads && { intraOpNumThreads: threads, interOpNumThreads: 1 }) }),
  );
  const run = async (feeds: Feeds): Promise<Outputs> => {
    const given = Object.entries(feeds).map(([name, { type, data, shape }]) => [name, new Tensor(type, data as Uint8Array, shape)]);
    const results = await session.run(Object.fromEntries(given));
    return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, elementsOf(tensor as Tensor)]));
  };
  const runtime = { card, metadata, inputs: session.inputNames, outputs: session.outputNames, run, close: () => session.release() };
  return { ...runtime, detect: (pictures) => detectExported(runtime, pictures) };
}

const elementsOf = (tensor: Tensor) => ({ data: tensor.data as Float32Array | BigInt64Array, shape: tensor.dims });

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new InputError(`cannot be read (${(error as NodeJS.ErrnoException).code})`, { file, fix: "check the path" });
  }
}

async function loadRuntime(): Promise<{ InferenceSession: typeof InferenceSession; Tensor: typeof Tensor }> {
  try {
    const { InferenceSession, Tensor } = (await import("onnxruntime-node")).default;
    return { InferenceSession, Tensor };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new InputError("onnxruntime-node is not installed", { fix: "run `npm install onnxruntime-node`" });
  }
}

async function created<T>(file: string, create: () => Promise<T>): Promise<T> {
  try {
    return await create();
  } catch (error) {
    throw new InputError(`onnxruntime refuses the model: ${(error as Error).message}`, { file, fix: "export it again" });
  }
}
