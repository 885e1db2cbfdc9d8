import { resolve } from "node:path";
import type { TrainOptions } from "@singleshot/detection";
import { type DataSource, readSplit } from "../data/index.js";
import type { Terminal } from "../terminal/index.js";
import type { Plan } from "./plan.js";

export type TrainingData = TrainOptions["data"];

export async function readData(plan: Omit<Plan, "recipe">, terminal: Terminal): Promise<TrainingData> {
  const { data, evaluationData, split, evaluationSplit, classes } = plan;
  const train = await readSplit(data, { split, ...(classes && { classes }) }, terminal);
  const source = { ...absolute(data), ...(evaluationData && { evaluationRoot: rootOf(evaluationData) }) };
  if (evaluationSplit === undefined && !evaluationData) {
    terminal.say("no split to evaluate on: how good it gets stays unknown, and the last weights count");
    return { train, ...source };
  }
  const evaluation = await readSplit(evaluationData ?? data, { split: evaluationSplit, classes: train.classes }, terminal);
  return { train, evaluation, ...source };
}

function rootOf({ roots }: DataSource): string | string[] {
  const paths = roots.map((root) => resolve(root));
  return paths.length === 1 ? paths[0]! : paths;
}

/** A run may be resumed from anywhere. */
function absolute(source: DataSource): Omit<TrainingData, "train" | "evaluation"> {
  const { places, options } = source;
  const formats = new Set(places.map(({ format }) => format.name));
  const { annotations, images, labels, pixelsFrom, groups } = options;
  return {
    root: rootOf(source),
    dataset: formats.size === 1 ? [...formats][0]! : "auto",
    ...(annotations !== undefined && { annotations: resolve(annotations) }),
    ...(images !== undefined && { images: resolve(images) }),
    ...(labels !== undefined && { labels: resolve(labels) }),
    ...(pixelsFrom !== undefined && { pixelsFrom }),
    ...(groups !== undefined && { groups }),
  };
}
