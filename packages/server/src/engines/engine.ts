import type { Detections, InputOptions, Picture } from "@singleshot/vision";

export type EngineName = "libtorch" | "onnxruntime";

export interface EngineOptions {
  /** A run directory, a `.pth` that `train` wrote, or an `.onnx` that `export` wrote. */
  model: string;
  engine: EngineName | "auto";
  /** Where libtorch computes: auto (left out too), cpu, cuda, cuda:1. onnxruntime computes on the CPU. */
  device?: string | undefined;
  /** Threads that compute; left out: all cores. */
  threads?: number | undefined;
  /** Over the recipe's `detector.postprocess`. */
  postprocess?: object | undefined;
}

/** What is known of a model once it is loaded. */
export interface ModelFacts {
  /** The file its weights came from. */
  file: string;
  recipe: string;
  classes: string[];
  input: InputOptions;
  engine: EngineName;
  /** Why this engine: one line. */
  reason: string;
  /** Where it computes, in words; left out: on the CPU. */
  device?: string;
  /** The model for browsers; undefined where it cannot be had. */
  onnx?: string | undefined;
}

/** A detector with an engine under it, in a thread of its own, so that the server answers while it computes. */
export interface Engine {
  facts: ModelFacts;
  /** Takes the pixels with it: the pictures' data is gone afterwards. */
  detect(pictures: readonly Picture[]): Promise<Detections[]>;
  /** Why its thread has ended, should it have. */
  failure(): Error | undefined;
  close(): Promise<void>;
}

/** An engine inside its thread. */
export interface Runner {
  detect(pictures: readonly Picture[]): Detections[] | Promise<Detections[]>;
  /** Gives its memory back. */
  close(): void | Promise<void>;
}

export interface Opened {
  runner: Runner;
  facts: ModelFacts;
}
