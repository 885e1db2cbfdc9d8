import { type Device, defaultGenerator, ops, scope, type Tensor, tensor } from "@singleshot/torch";
import { batchSize, evaluationInput, type InputOptions, type Size } from "@singleshot/vision";
import { createDetector } from "../detectors/index.js";
import type { DetectorOptions } from "../recipes/index.js";
import type { Trial } from "./precision.js";
import { answer, forward, type TrainingBatch } from "./train-step.js";

const PICTURES = 4;

/** A fresh detector on pictures of noise with a box each. */
export function detectorTrial(options: DetectorOptions, device: Device = "cpu"): Trial {
  const model = createDetector(options, ["object"]).train().to({ device });
  const batch = noise(options.trainingInput ?? options.input);
  return {
    model,
    loss: (precision) => forward(model, batch, precision).total,
    answers: (precision) => {
      const { logits, deltas } = answer(model, batch, precision);
      return ops.cat([logits, deltas].map((values) => values.to("float32").flatten()));
    },
    dispose() {
      for (const value of Object.values(batch)) (value as Tensor).dispose();
      model.dispose();
    },
  };
}

function noise(input: InputOptions): TrainingBatch {
  const { width, height } = sizeOf(input);
  const N = PICTURES;
  const box = [0.2 * width, 0.3 * height, 0.7 * width, 0.8 * height];
  return {
    images: noisePictures(N, { width, height }),
    boxes: tensor(Array.from({ length: N }, () => [box])),
    labels: ops.ones([N, 1], { dtype: "int64" }),
    counts: ops.ones([N], { dtype: "int64" }),
  };
}

/** [N, 3, H, W] bytes, channels-last. */
export const noisePictures = (N: number, { width, height }: Size): Tensor =>
  scope(() => ops.rand([N, height, width, 3], defaultGenerator.seed(1)).mul(255).to("uint8").permute([0, 3, 1, 2]));

const SQUARE = [{ width: 320, height: 320 }]; // of inputs whose size follows the picture
const sizeOf = (input: InputOptions): Size => batchSize(evaluationInput(input), SQUARE);
