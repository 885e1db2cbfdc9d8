import type { Dataset } from "@singleshot/vision";
import type { Measured, StepReport, TrainingObserver } from "../observer.js";
import { type EventLog, openEventLog, type ScalarRow } from "./event-log.js";
import { examplePictures } from "./examples.js";
import { hyperParameters } from "./hyper-parameters.js";

/**
 * Writes a run into its folder for TensorBoard (`tensorboard --logdir runs`):
 *
 * - SCALARS: at every step `loss/total`, `loss/classification`, `loss/regression`, `gradientNorm`, `learningRate` and, where there are
 *   several, those of the groups; at every evaluation `mAP`, `AP50`, `AP75`, `AP50/<class>`, `validation/loss` and its parts
 * - IMAGES: `examples/<picture>` at every evaluation, what was found over the ground truth
 * - HPARAMS: the recipe's settings, a row a run; TEXT: the whole recipe
 *
 * A resumed run adds a file; TensorBoard then forgets what the run wrote after the checkpoint that it went on from.
 */
export function tensorBoard({ now }: { now?: () => number } = {}): TrainingObserver {
  let log: EventLog;
  let shown: Dataset | undefined;
  return {
    started({ recipe, root, done, evaluation }) {
      shown = evaluation;
      log = openEventLog(root, { from: done + 1, ...(now && { now }) });
      log.hyperParameters(hyperParameters(recipe));
      if (done === 0) log.text(0, "recipe", recipeAsMarkdown(recipe));
    },
    stepped({ step, loss, classification, regression, learningRate, learningRates, gradientNorm }) {
      const losses = { "loss/total": loss, "loss/classification": classification, "loss/regression": regression };
      log.scalars(step, [...Object.entries({ ...losses, learningRate, gradientNorm }), ...ratesOfGroups(learningRates)]);
    },
    async evaluated({ step, evaluation, losses, detections }) {
      log.scalars(step, [...accuracyRows(evaluation), ...lossRows(losses)]);
      if (!shown || !detections) return;
      for (const { id, picture } of await examplePictures(shown, detections)) log.picture(step, `examples/${id}`, picture);
    },
    ended: ({ step, interrupted }) => {
      if (!interrupted) log.end(step, "success");
    },
  };
}

/** Where there are several: `learningRate/backbone`. */
function ratesOfGroups(rates: StepReport["learningRates"]): ScalarRow[] {
  const groups = Object.entries(rates);
  return groups.length > 1 ? groups.map(([name, rate]) => [`learningRate/${name}`, rate]) : [];
}

function accuracyRows(evaluation: Measured["evaluation"]): ScalarRow[] {
  if (!evaluation) return [];
  const { map, ap50, ap75, classes } = evaluation;
  const perClass = classes.map(({ name, ap50, ap }): ScalarRow => [`AP50/${name}`, ap50 ?? ap]);
  return [["mAP", map], ["AP50", ap50], ["AP75", ap75], ...perClass];
}

const lossRows = (losses: Measured["losses"]): ScalarRow[] =>
  Object.entries(losses ?? {}).map(([name, value]) => [`validation/${name}`, value]);

/** All settings, for the tab TEXT. */
export const recipeAsMarkdown = (recipe: object): string => `\`\`\`json\n${JSON.stringify(recipe, null, 2)}\n\`\`\``;
