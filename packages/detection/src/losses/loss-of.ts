import { InputError } from "@singleshot/vision";
import type { DetectorOptions } from "../recipes/index.js";
import { regressionLoss } from "./box-regression.js";
import { minedCrossEntropy } from "./cross-entropy.js";
import { type AnchorLoss, type DetectionLoss, detectionLoss } from "./detection-loss.js";
import { focalLoss } from "./focal.js";

/**
 * The loss of a recipe.
 *
 * @throws InputError for weights of a class that is not there, and for a classification that does not fit the scores
 */
export function lossOf({ loss, scores }: Pick<DetectorOptions, "loss" | "scores">, classes: readonly string[]): DetectionLoss {
  const { normalizer, minPositives } = loss;
  return detectionLoss({
    classification: classificationOf(loss.classification, scores, classes),
    regression: regressionLoss(loss.regression),
    normalizer,
    minPositives,
  });
}

function classificationOf(
  options: DetectorOptions["loss"]["classification"],
  scores: DetectorOptions["scores"],
  classes: readonly string[],
): AnchorLoss {
  if ((options.name === "cross-entropy") !== (scores === "softmax"))
    throw new InputError(`loss.classification is ${options.name}, scores is ${scores}`, {
      fix: "cross-entropy needs softmax, focal needs sigmoid or sigmoid-with-background",
    });
  if (options.name === "focal") return focalLoss(options, scores === "sigmoid" ? 1 : 0);
  const { classWeights, ...mining } = options;
  return minedCrossEntropy({ ...mining, labelWeights: labelWeights(classWeights, classes) });
}

/** Background first. */
function labelWeights(byName: Record<string, number> | undefined, classes: readonly string[]): number[] | undefined {
  if (!byName) return undefined;
  const stranger = Object.keys(byName).find((name) => !classes.includes(name));
  if (stranger)
    throw new InputError(`loss.classification.classWeights names '${stranger}'`, { fix: `the classes are ${classes.join(", ")}` });
  return [1, ...classes.map((name) => byName[name] ?? 1)];
}
