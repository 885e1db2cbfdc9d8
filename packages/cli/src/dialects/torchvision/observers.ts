import type { TrainingObserver } from "@singleshot/detection";
import type { World } from "@singleshot/torch/world";
import { type Observed, observerOf } from "../program/index.js";
import { trainFiles } from "./files.js";
import { trainLog } from "./log.js";
import type { TrainFlags } from "./train-rows.js";

/** The log and the files of torchvision's train.py. */
export function observers({ flags: said, folder, say, world }: Observed<TrainFlags>): TrainingObserver[] {
  const flags = { ...said, ...(world && ofProcess(world)) };
  const files = flags.outputDir === "" ? [] : [trainFiles({ folder, flags })];
  return [trainLog(say, flags), ...files].map(observerOf);
}

/** What the original adds to its arguments where several processes train. */
const ofProcess = ({ rank, size, localRank }: World) => {
  return { worldSize: size, rank, gpu: localRank, distributed: true, distBackend: "gloo" };
};
