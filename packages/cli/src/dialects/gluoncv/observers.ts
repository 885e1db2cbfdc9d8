import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { TrainingObserver } from "@singleshot/detection";
import { type Observed, observerOf } from "../program/index.js";
import { trainFiles } from "./files.js";
import { trainLog } from "./log.js";
import { prefixOf, type TrainSsdFlags } from "./train-ssd.js";

/** The log and the files of GluonCV's train_ssd.py. */
export function observers({ flags, say }: Observed<TrainSsdFlags>): TrainingObserver[] {
  const prefix = prefixOf(flags);
  const { startEpoch, saveInterval, logInterval } = flags;
  mkdirSync(dirname(prefix), { recursive: true });
  return [trainLog({ flags, say, prefix, startEpoch, logInterval }), trainFiles({ prefix, startEpoch, saveInterval })].map(observerOf);
}
