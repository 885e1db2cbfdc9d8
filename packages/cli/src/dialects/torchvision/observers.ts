import type { TrainingObserver } from "@singleshot/detection";
import { type Observed, observerOf } from "../program/index.js";
import { trainFiles } from "./files.js";
import { trainLog } from "./log.js";
import type { TrainFlags } from "./train-rows.js";

/** The log and the files of torchvision's train.py. */
export function observers({ flags, folder, say }: Observed<TrainFlags>): TrainingObserver[] {
  const files = flags.outputDir === "" ? [] : [trainFiles({ folder, flags })];
  return [trainLog(say, flags), ...files].map(observerOf);
}
