import { createDetector, freeze, freezeBatchNorm } from "../detectors/index.js";
import { resolveRecipe } from "../recipes/index.js";
import { type Repeated, readFailedStep, repeatStep } from "./failed-step.js";
import { isFiniteTensor } from "./not-finite.js";
import { forward, picturesOf, type TrainingBatch } from "./train-step.js";

interface Losses {
  classification: number;
  regression: number;
}

/** What a repeated step of a detector shows; boxes may be what is not finite. */
export type Replay = Repeated<Losses & { boxes: number }>;

/**
 * Repeats a step of `train` that was saved because something in it was not finite. Nothing is written.
 * @throws InputError where the file is no saved step
 */
export function replay(file: string): Replay {
  using saved = readFailedStep(file, "train");
  const { detector: options, training } = resolveRecipe(saved.recipe, { file });
  const batch = saved.batch as unknown as TrainingBatch;
  const detector = createDetector(options, saved.classes).train();
  try {
    if (training.freeze !== undefined) freeze(detector, training.freeze);
    if (training.freezeBatchNorm) freezeBatchNorm(detector);
    const counts = [...batch.counts.toTypedArray()].map(Number);
    const repeated = repeatStep(saved, detector, (from, count) => {
      const { total, classification, regression } = forward(detector, picturesOf(batch, from, count), training.precision);
      const boxes = counts.slice(from, from + count).reduce((sum, own) => sum + own, 0);
      return { loss: total, values: { classification: classification.item(), regression: regression.item(), boxes } };
    });
    return { ...repeated, notFinite: [...repeated.notFinite, ...(isFiniteTensor(batch.boxes) ? [] : ["boxes"])] };
  } finally {
    detector.dispose();
  }
}
