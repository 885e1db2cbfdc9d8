import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { decodeBytes } from "@singleshot/vision/node";
import { createApp } from "./app.js";
import { type Engine, type EngineOptions, type ModelFacts, startEngine } from "./engines/index.js";
import { DEFAULT_LIMITS, type Limits } from "./limits.js";
import { listen } from "./listen.js";
import { createMetrics, type Metrics } from "./metrics.js";
import { BatchQueue } from "./queue.js";

export interface ServerOptions extends Omit<EngineOptions, "engine"> {
  engine?: EngineOptions["engine"];
  host?: string;
  /** 0: any that is free. */
  port?: number;
  limits?: Partial<Limits>;
  /** Pictures computed together. */
  batchSize?: number;
  /** Where a request does not say another. */
  score?: number;
  version?: string;
  onError?: (error: unknown) => void;
}

export interface RunningServer {
  url: string;
  facts: ModelFacts;
  /** Answers what has come, then ends; within ten seconds. */
  stop(): Promise<void>;
}

/**
 * A detector behind HTTP.
 *
 * @throws InputError
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { model, engine: wanted = "auto", device, threads, postprocess } = options;
  const engine = await startEngine({ model, engine: wanted, device, threads, postprocess });
  try {
    return await serve(engine, options);
  } catch (error) {
    await engine.close();
    throw error;
  }
}

async function serve(engine: Engine, options: ServerOptions): Promise<RunningServer> {
  const { host = "127.0.0.1", port = 8080, score = 0.5, version = "", onError = console.error } = options;
  const { facts } = engine;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const held = { bytes: 0 };
  const metrics = createMetrics({ queue: () => queue.length, heldBytes: () => held.bytes });
  const queue = queueOf(engine, metrics, { limits, batchSize: options.batchSize ?? 8 });
  let isStopping = false;
  const app = createApp({
    service: { model: basename(facts.file), classes: facts.classes, queue, held, limits, score }, // where it lies is nobody's business
    ...{ facts, metrics, version, onError },
    state: () => (isStopping ? "stopping" : engine.failure() ? "failed" : "ok"),
    onnx: facts.onnx === undefined ? undefined : () => readFile(facts.onnx!),
  });
  const { url, stop } = await listen(app, { host, port, limits });
  return {
    ...{ url, facts },
    stop: async () => {
      isStopping = true;
      await stop();
      await engine.close();
    },
  };
}

const queueOf = (engine: Engine, metrics: Metrics, { limits, batchSize }: { limits: Limits; batchSize: number }) =>
  new BatchQueue({
    decode: (bytes) => decodeBytes(bytes, { limitMs: 1000 * limits.seconds }),
    detect: (pictures) => engine.detect(pictures),
    batchSize,
    batchPixels: limits.pixels,
    length: limits.queue,
    onBatch: (pictures, ms) => metrics.computed(pictures, ms / 1000),
  });
