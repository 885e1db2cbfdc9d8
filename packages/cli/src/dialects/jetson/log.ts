import type { Dataset } from "@singleshot/vision";
import { namespaceText, timeStamp, type Watcher } from "../program/index.js";
import { labelsFile } from "./files.js";
import { specLines } from "./specs.js";

const LEVELS = ["debug", "info", "warning", "error", "critical"];

/** Lines as Python's logging prints them: `2026-11-26 06:50:09 - message`. A level that is not known is `info`. */
export function logger(level: string, say: (line: string) => void, now = () => new Date()): (message: string) => void {
  if (LEVELS.indexOf(level.toLowerCase()) > LEVELS.indexOf("info")) return () => {}; // all lines are of level info
  return (message) => say(`${timeStamp(now())} - ${message}`);
}

interface LogOptions {
  flags: object;
  folder: string;
  debugSteps: number;
  onGpu: boolean;
  train: Dataset;
  evaluation: Dataset | undefined;
  /** What is started from, as the original says it. */
  start?: string;
  frozen?: string;
}

/** The log of train_ssd.py. */
export function trainLog(
  log: (message: string) => void,
  { flags, folder, debugSteps, onGpu, train, evaluation, start, frozen }: LogOptions,
): Watcher {
  const since = losses();
  const begun = performance.now();
  return {
    started({ recipe }) {
      const { optimizer, schedule } = recipe;
      log(namespaceText(flags));
      if (onGpu) log("Using CUDA...");
      for (const line of specLines(recipe.detector)) log(line);
      log("Prepare training datasets.");
      for (const line of summaryOf(train)) log(line);
      log(`Stored labels into file ${labelsFile(folder)}.`);
      log(`Train dataset size: ${train.entries.length}`);
      log("Prepare Validation datasets.");
      log(`Validation dataset size: ${evaluation?.entries.length ?? 0}`);
      log("Build network.");
      if (frozen) log(frozen);
      if (start) log(start);
      log(`Took ${((performance.now() - begun) / 1000).toFixed(2)} seconds to load the model.`);
      const { learningRate, backboneLearningRate = learningRate, extrasLearningRate = learningRate } = optimizer;
      log(
        `Learning rate: ${learningRate}, Base net learning rate: ${backboneLearningRate}, Extra Layers learning rate: ${extrasLearningRate}.`,
      );
      log(schedule.name === "multi-step" ? "Uses MultiStepLR scheduler." : "Uses CosineAnnealingLR scheduler.");
      log("Start training from epoch 0.");
    },
    stepped(report) {
      since.add(report);
      const i = report.stepInEpoch - 1;
      if (i === 0 || i % debugSteps !== 0) return;
      const { loss, regression, classification } = since.take();
      log(
        `Epoch: ${report.epoch - 1}, Step: ${i}/${report.stepsPerEpoch}, Avg Loss: ${loss}, Avg Regression Loss ${regression}, Avg Classification Loss: ${classification}`,
      );
    },
    trained({ epoch, loss, regression, classification }) {
      since.take();
      log(`Epoch: ${epoch - 1}, ${lossText("Training", { loss, regression, classification })}`);
    },
    evaluated({ epoch, losses, evaluation }) {
      if (losses) log(`Epoch: ${epoch - 1}, ${lossText("Validation", losses)}`);
      if (!evaluation) return;
      log(`Epoch: ${epoch - 1}, Average Precision Per-class:`);
      for (const { name, ap } of evaluation.classes) log(`    ${name}: ${ap ?? "nan"}`);
      log(`Epoch: ${epoch - 1}, Mean Average Precision (mAP):  ${evaluation.map ?? "nan"}`);
    },
    ended: () => log("Task done, exiting program."),
  };
}

interface Losses {
  loss: number;
  regression: number;
  classification: number;
}

const four = (value: number) => value.toFixed(4);

const lossText = (kind: string, { loss, regression, classification }: Losses) =>
  `${kind} Loss: ${four(loss)}, ${kind} Regression Loss ${four(regression)}, ${kind} Classification Loss: ${four(classification)}`;

/** Means of the steps since they were last taken, as text. The original's first mean divides by one step too few. */
function losses(): { add(losses: Losses): void; take(): Record<keyof Losses, string> } {
  let sums = { loss: 0, regression: 0, classification: 0, steps: 0 };
  return {
    add({ loss, regression, classification }) {
      const { steps } = sums;
      sums = {
        loss: sums.loss + loss,
        regression: sums.regression + regression,
        classification: sums.classification + classification,
        steps: steps + 1,
      };
    },
    take() {
      const { steps, ...rest } = sums;
      sums = { loss: 0, regression: 0, classification: 0, steps: 0 };
      return {
        loss: four(rest.loss / steps),
        regression: four(rest.regression / steps),
        classification: four(rest.classification / steps),
      };
    },
  };
}

/** What pytorch-ssd says of a data set: pictures, how many the rarest class has, and boxes of each class. */
function summaryOf({ entries, classes }: Dataset): string[] {
  const [boxes, images] = [new Array<number>(classes.length).fill(0), new Array<number>(classes.length).fill(0)];
  for (const { labels } of entries) {
    for (const label of labels) boxes[label - 1]!++;
    for (const label of new Set(labels)) images[label - 1]!++;
  }
  return [
    "Dataset Summary:",
    `Number of Images: ${entries.length}`,
    `Minimum Number of Images for a Class: ${Math.min(...images)}`, // the original knows it after --balance-data alone, and says -1
    "Label Distribution:",
    ...classes.map((name, i) => `    ${name}: ${boxes[i]}`),
  ];
}
