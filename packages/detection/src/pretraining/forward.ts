import { autocast, type Tensor } from "@singleshot/torch";
import { type Classifier, normalizeImages } from "../backbones/index.js";
import type { PretrainingRecipe } from "../recipes/index.js";

/** Bytes [N, 3, H, W] → logits [N, classes] in float32. */
export function logitsOf(model: Classifier, images: Tensor, { classifier, training }: PretrainingRecipe): Tensor {
  const logits = autocast({ enabled: training.precision === "bfloat16" }, () =>
    model.forward(normalizeImages(images, classifier.normalization)),
  );
  return logits.dtype === "bfloat16" ? logits.to("float32") : logits;
}
