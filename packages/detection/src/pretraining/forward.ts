import { autocast, type Tensor, toDevice } from "@singleshot/torch";
import { type Classifier, normalizeImages } from "../backbones/index.js";
import type { PretrainingRecipe } from "../recipes/index.js";

/** Bytes [N, 3, H, W], wherever they are → logits [N, classes] in float32. */
export function logitsOf(model: Classifier, images: Tensor, { classifier, training }: PretrainingRecipe): Tensor {
  const { device } = model;
  const logits = autocast({ enabled: training.precision === "bfloat16", device }, () =>
    model.forward(normalizeImages(toDevice(images, device), classifier.normalization)),
  );
  return logits.dtype === "bfloat16" ? logits.to("float32") : logits;
}
