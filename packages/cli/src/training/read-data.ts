import { resolve } from "node:path";
import type { TrainOptions } from "@singleshot/detection";
import { type DataSource, readSplit } from "../data/index.js";
import type { Terminal } from "../terminal/index.js";
import type { Plan } from "./plan.js";

export type TrainingData = TrainOptions["data"];

export async function readData({ data, split, evaluationSplit, classes }: Omit<Plan, "recipe">, terminal: Terminal): Promise<TrainingData> {
  const train = await readSplit(data, { split, ...(classes && { classes }) }, terminal);
  const source = absolute(data);
  if (evaluationSplit === undefined) {
    terminal.say("no split to evaluate on: how good it gets stays unknown, and the last weights count");
    return { train, ...source };
  }
  return { train, evaluation: await readSplit(data, { split: evaluationSplit, classes: train.classes }, terminal), ...source };
}

/** A run may be resumed from anywhere. */
function absolute({ roots, places, options }: DataSource): Omit<TrainingData, "train" | "evaluation"> {
  const paths = roots.map((root) => resolve(root));
  const formats = new Set(places.map(({ format }) => format.name));
  const { annotations, images, labels, pixelsFrom, groups } = options;
  return {
    root: paths.length === 1 ? paths[0]! : paths,
    dataset: formats.size === 1 ? [...formats][0]! : "auto",
    ...(annotations !== undefined && { annotations: resolve(annotations) }),
    ...(images !== undefined && { images: resolve(images) }),
    ...(labels !== undefined && { labels: resolve(labels) }),
    ...(pixelsFrom !== undefined && { pixelsFrom }),
    ...(groups !== undefined && { groups }),
  };
}
