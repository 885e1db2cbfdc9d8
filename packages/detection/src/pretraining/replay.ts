import { ops, type Tensor } from "@singleshot/torch";
import { classifiers } from "../backbones/index.js";
import { resolvePretrainingRecipe } from "../recipes/index.js";
import { type Repeated, readFailedStep, repeatStep } from "../training/index.js";
import { logitsOf } from "./forward.js";

/** What a repeated step of a classifier shows. */
export type PretrainingReplay = Repeated<{ loss: number }>;

/**
 * Repeats a step of `pretrain` that was saved because something in it was not finite. Nothing is written.
 * @throws InputError where the file is no saved step
 */
export function replayPretraining(file: string): PretrainingReplay {
  using saved = readFailedStep(file, "pretrain");
  const recipe = resolvePretrainingRecipe(saved.recipe, { file });
  const { images, targets } = saved.batch as { images: Tensor; targets: Tensor };
  const { network } = recipe.classifier;
  const model = classifiers.get(network.name)!({ classes: saved.classes.length, ...network }).train();
  try {
    return repeatStep(saved, model, (from, count) => {
      const loss = ops.crossEntropyLoss(logitsOf(model, images.narrow(0, from, count), recipe), targets.narrow(0, from, count));
      return { loss, values: { loss: loss.item() } };
    });
  } finally {
    model.dispose();
  }
}
