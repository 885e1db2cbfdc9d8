import { type EventLog, hyperParameters, openEventLog, recipeAsMarkdown, type ScalarRow } from "../training/index.js";
import type { PretrainingObserver } from "./observer.js";

/**
 * Writes a run into its folder for TensorBoard: `loss`, `accuracy/train`, `gradientNorm` and `learningRate` at every step,
 * `accuracy/probe` where a batch of the evaluation split was looked at, and at every evaluation `accuracy/top1`, `accuracy/top5`,
 * `accuracy/<class>` and `validation/loss`; the settings as hyper-parameters and as text.
 */
export function pretrainingTensorBoard({ now }: { now?: () => number } = {}): PretrainingObserver {
  let log: EventLog;
  return {
    started({ recipe, root, done }) {
      log = openEventLog(root, { from: done + 1, ...(now && { now }) });
      log.hyperParameters(hyperParameters(recipe));
      if (done === 0) log.text(0, "recipe", recipeAsMarkdown(recipe));
    },
    stepped({ step, loss, accuracy, gradientNorm, learningRate }) {
      log.scalars(step, Object.entries({ loss, "accuracy/train": accuracy, gradientNorm, learningRate }));
    },
    probed: ({ step, accuracy }) => log.scalars(step, [["accuracy/probe", accuracy]]),
    evaluated({ step, loss, top1, top5, classes }) {
      const perClass = classes.map(({ name, accuracy }): ScalarRow => [`accuracy/${name}`, accuracy]);
      log.scalars(step, [["validation/loss", loss], ["accuracy/top1", top1], ["accuracy/top5", top5], ...perClass]);
    },
    ended({ step, interrupted }) {
      if (!interrupted) log.end(step, "success");
    },
  };
}
