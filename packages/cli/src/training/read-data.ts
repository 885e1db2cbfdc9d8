import { resolve } from "node:path";
import type { Dataset } from "@singleshot/vision";
import { readSplit } from "../data/index.js";
import type { Terminal } from "../terminal/index.js";
import type { Plan } from "./plan.js";

export interface TrainingData {
  train: Dataset;
  evaluation?: Dataset;
  /** absolute: a run may be resumed from anywhere */
  root: string;
}

export async function readData({ data, split, evaluationSplit, classes }: Plan, terminal: Terminal): Promise<TrainingData> {
  const train = await readSplit(data, { split, ...(classes && { classes }) }, terminal);
  const root = resolve(data);
  if (evaluationSplit === undefined) {
    terminal.say("no split to evaluate on: how good it gets stays unknown, and the last weights count");
    return { train, root };
  }
  return { train, evaluation: await readSplit(data, { split: evaluationSplit, classes: train.classes }, terminal), root };
}
