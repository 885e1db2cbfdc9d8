import { type Device, ops } from "@singleshot/torch";
import { classifiers } from "../backbones/index.js";
import type { PretrainingRecipe } from "../recipes/index.js";
import { choosePrecision, noisePictures, type Trial } from "../training/index.js";
import { logitsOf } from "./forward.js";

/** The recipe with the precision that its network trains in on this device. */
export function withPrecision(recipe: PretrainingRecipe, device: Device, warned: (message: string) => void): PretrainingRecipe {
  const { training } = recipe;
  const precision = choosePrecision(training.precision, device, () => classifierTrial(recipe, device), warned);
  return { ...recipe, training: { ...training, precision } };
}

const [PICTURES, CLASSES] = [8, 10];

/** A fresh classifier on pictures of noise. */
export function classifierTrial(recipe: PretrainingRecipe, device: Device = "cpu"): Trial {
  const { network, side } = recipe.classifier;
  const model = classifiers.get(network.name)!({ classes: CLASSES, ...network })
    .to({ device, format: "channelsLast" })
    .train();
  const images = noisePictures(PICTURES, { width: side, height: side });
  const targets = ops.zeros([PICTURES], { dtype: "int64", device });
  const logits: Trial["answers"] = (precision) => logitsOf(model, images, { ...recipe, training: { ...recipe.training, precision } });
  return {
    model,
    loss: (precision) => ops.crossEntropyLoss(logits(precision), targets),
    answers: (precision) => logits(precision).flatten(),
    dispose() {
      for (const tensor of [images, targets]) tensor.dispose();
      model.dispose();
    },
  };
}
