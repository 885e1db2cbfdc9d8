import type { TrainingObserver } from "@singleshot/detection";
import type { Device } from "@singleshot/torch";
import type { World } from "@singleshot/torch/world";
import { type Observed, observerOf } from "../program/index.js";
import { trainFiles } from "./files.js";
import { trainLog } from "./log.js";
import type { TrainFlags } from "./train-rows.js";

/** The log and the files of torchvision's train.py. */
export function observers({ flags: said, folder, say, device, world }: Observed<TrainFlags>): TrainingObserver[] {
  const flags = { ...said, ...(world && ofProcess(world, device)) };
  const files = flags.outputDir === "" ? [] : [trainFiles({ folder, flags })];
  return [trainLog(say, flags), ...files].map(observerOf);
}

/** What the original adds to its arguments where several processes train. */
const ofProcess = ({ rank, size, localRank }: World, device: Device) => {
  return { worldSize: size, rank, gpu: localRank, distributed: true, distBackend: device === "cpu" ? "gloo" : "nccl" };
};
