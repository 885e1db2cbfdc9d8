import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { DetectionValues, TrainingObserver } from "../observer.js";
import { type EventLog, openEventLog, type ScalarRow } from "./event-log.js";

type Losses = Pick<DetectionValues, "loss" | "classification" | "regression">;

/**
 * pytorch-ssd's curves (train_ssd.py of dusty-nv): eight kinds of tags, by the epoch from 0, in `<folder>/tensorboard/<date>_<time>`.
 * `Loss/train`, `Regression Loss/train`, `Classification Loss/train` are means over the steps of an epoch; the same with `/val` and
 * `Mean Average Precision/val`, `Class Average Precision/<class>` where they are measured. A resumed run goes on in the folder it had.
 */
export function jetsonTensorBoard(folder: string, { now = Date.now }: { now?: () => number } = {}): TrainingObserver {
  let opened: EventLog | undefined;
  let isResumed = false;
  let steps: Losses[] = [];
  /** Opened with the first epoch that has something to say: which one that is, is not known before. */
  const logFrom = (epoch: number): EventLog => {
    opened ??= openEventLog(join(folder, "tensorboard", (isResumed && latest(folder)) || stamp(new Date(now()))), { from: epoch, now });
    return opened;
  };
  return {
    started({ done }) {
      isResumed = done > 0;
    },
    stepped(report) {
      if (report.stepInEpoch === 1) steps = [];
      steps.push(report);
      const log = logFrom(report.epoch - 1);
      if (report.stepInEpoch === report.stepsPerEpoch) log.scalars(report.epoch - 1, lossRows("train", meanOf(steps)));
    },
    evaluated({ epoch, evaluation, losses }) {
      const classes = evaluation?.classes.map(({ name, ap }): ScalarRow => [`Class Average Precision/${name}`, ap]) ?? [];
      const accuracy: ScalarRow[] = evaluation ? [["Mean Average Precision/val", evaluation.map], ...classes] : [];
      logFrom(epoch - 1).scalars(epoch - 1, [...(losses ? lossRows("val", losses) : []), ...accuracy]);
    },
  };
}

const lossRows = (part: "train" | "val", { loss, regression, classification }: Losses): ScalarRow[] => [
  [`Loss/${part}`, loss],
  [`Regression Loss/${part}`, regression],
  [`Classification Loss/${part}`, classification],
];

function meanOf(steps: readonly Losses[]): Losses {
  const mean = (key: keyof Losses) => steps.reduce((sum, step) => sum + step[key], 0) / steps.length;
  return { loss: mean("loss"), classification: mean("classification"), regression: mean("regression") };
}

/** `20230708_142530` */
function stamp(date: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(two).join("");
  return `${day}_${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join("")}`;
}

function latest(folder: string): string | undefined {
  const runs = join(folder, "tensorboard");
  return existsSync(runs) ? readdirSync(runs).sort().at(-1) : undefined;
}
