import { existsSync } from "node:fs";
import { join } from "node:path";
import { serialize, type Tensor } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import type { WatchedRun } from "../program/index.js";
import { writeWeights } from "../weights/index.js";

const EXTRACTOR = "net_e.pkl";
const DETECTOR = "net_d.pkl";

/** The names of the pyramid and the towers; all others are the extractor's. */
const isDetectors = (key: string) => /^(conv_out\d|prj_\d|conv_[345]|conv_cls|conv_reg)\./.test(key);

/** Writes the two files of the tutorial: the extractor's weights and the detector's. */
export function writeBoth(folder: string, { model, ...run }: WatchedRun): void {
  const weights = [...model.stateDict()];
  const part = (wanted: boolean) => new Map(weights.filter(([key]) => isDetectors(key) === wanted));
  writeWeights(join(folder, EXTRACTOR), part(false), run);
  writeWeights(join(folder, DETECTOR), part(true), run);
}

/** Both files as one. @throws InputError where one is missing */
export function joinWeights(folder: string, path: string): void {
  const files = [EXTRACTOR, DETECTOR].map((name) => join(folder, name));
  const missing = files.find((file) => !existsSync(file));
  if (missing) throw new InputError("no such file", { file: missing, fix: "name its folder with --folder, or train with --load false" });
  const weights = files.flatMap((file) => [...(serialize.load(file) as Map<string, Tensor>)]);
  serialize.save(path, new Map(weights.map(([key, tensor]) => [key.replace(/^module\./, ""), tensor])), serialize.loadMetadata(files[1]!));
  for (const [, tensor] of weights) tensor.dispose();
}
