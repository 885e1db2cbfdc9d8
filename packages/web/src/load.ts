import {
  above,
  type DetectionRecord,
  detectExported,
  detectionRecords,
  InputError,
  type ModelCard,
  readModelCard,
} from "@singleshot/vision";
import { InferenceSession } from "onnxruntime-web/wasm";
import { type Backend, chooseBackend, useBackend } from "./backend.js";
import { type PictureSource, pictureOf } from "./picture-of.js";
import { runnerOf } from "./runner.js";

export interface LoadOptions {
  /** Threads that compute; left out: as many as the machine has cores, where the page may have them. */
  threads?: number;
  /** Where onnxruntime's `.wasm` and `.mjs` lie, if not beside the script. */
  wasmPaths?: string;
}

export interface DetectOptions {
  /** Weaker detections are left out. */
  score?: number;
}

/** What was found in a picture, as `singleshot predict --json` says it. */
export interface Found {
  width: number;
  height: number;
  /** Best first; boxes in pixels of the source. */
  detections: DetectionRecord[];
}

/** A detector in a page. */
export interface Detector {
  /** What the model says of itself. */
  card: ModelCard;
  backend: Backend;
  detect(source: PictureSource, options?: DetectOptions): Promise<Found>;
  dispose(): Promise<void>;
}

/**
 * Loads a model that `singleshot export` wrote: any graph but `raw`, which knows no pictures.
 *
 * @param source its address, or its bytes
 * @throws InputError where it cannot be fetched or is another program's
 */
export async function load(source: string | URL | Uint8Array, { threads, wasmPaths }: LoadOptions = {}): Promise<Detector> {
  const bytes = source instanceof Uint8Array ? source : await fetched(source);
  const card = readModelCard(bytes);
  const { crossOriginIsolated: isolated, isSecureContext: secure, navigator } = globalThis;
  const backend = chooseBackend(threads, { isolated, secure, cores: navigator.hardwareConcurrency });
  useBackend(backend, wasmPaths);
  const session = await InferenceSession.create(bytes, { executionProviders: ["wasm"] });
  const runner = runnerOf(session, card);
  return {
    card,
    backend,
    detect: async (from, { score = 0.5 } = {}) => {
      const picture = await pictureOf(from);
      const [found] = await detectExported(runner, [picture]);
      return { width: picture.width, height: picture.height, detections: detectionRecords(above(found!, score), card.classes) };
    },
    dispose: () => session.release(),
  };
}

async function fetched(url: string | URL): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new InputError(`the server answered ${response.status}`, { file: String(url) });
  return new Uint8Array(await response.arrayBuffer());
}
