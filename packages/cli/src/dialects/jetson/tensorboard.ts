import { join } from "node:path";
import { openEventLog } from "@singleshot/detection";
import { timeStamp, type Watcher } from "../program/index.js";

/** The curves of train_ssd.py in `tensorboard/YYYYmmdd_HHMMSS`: losses of both sets and, where it is measured, mAP; counted by the epoch from 0. */
export function trainCurves(folder: string, now = () => new Date()): Watcher {
  const name = timeStamp(now()).replaceAll(/[-:]/g, "").replace(" ", "_");
  const events = openEventLog(join(folder, "tensorboard", name), { from: 0 });
  return {
    trained({ epoch, loss, regression, classification }) {
      events.scalars(epoch - 1, lossRows("train", { loss, regression, classification }));
    },
    evaluated({ epoch, losses, evaluation }) {
      if (losses) events.scalars(epoch - 1, lossRows("val", losses));
      if (!evaluation) return;
      const perClass = evaluation.classes.map(({ name, ap }) => [`Class Average Precision/${name}`, ap] as const);
      events.scalars(epoch - 1, [["Mean Average Precision/val", evaluation.map], ...perClass]);
    },
  };
}

const lossRows = (set: string, { loss, regression, classification }: Record<"loss" | "regression" | "classification", number>) =>
  [
    [`Loss/${set}`, loss],
    [`Regression Loss/${set}`, regression],
    [`Classification Loss/${set}`, classification],
  ] as const;
