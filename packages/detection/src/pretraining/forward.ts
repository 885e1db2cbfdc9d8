import { type Tensor, toDevice } from "@singleshot/torch";
import { type Classifier, normalizeImages } from "../backbones/index.js";
import type { PretrainingRecipe } from "../recipes/index.js";
import { inPrecision } from "../training/index.js";

/** Bytes [N, 3, H, W], wherever they are → logits [N, classes] in float32. */
export function logitsOf(model: Classifier, images: Tensor, { classifier, training }: PretrainingRecipe): Tensor {
  const logits = inPrecision(model, training.precision, () =>
    model.forward(normalizeImages(toDevice(images, model.device), classifier.normalization)),
  );
  return logits.dtype === "float64" ? logits : logits.to("float32");
}
