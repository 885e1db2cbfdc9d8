import { inferenceMode, scope } from "@singleshot/torch";
import { type Dataset, InputError } from "@singleshot/vision";
import type { Detector, Raw } from "../detectors/index.js";
import type { Batch } from "../loader/index.js";
import { type EvaluateOptions, eachBatch } from "./evaluate.js";

/** Losses of a data set: the mean over its batches, as the originals have it. */
export interface MeanLosses {
  loss: number;
  classification: number;
  regression: number;
}

/** Gathers the losses of batches. */
export interface LossMeter {
  add(raw: Raw, batch: Batch): void;
  mean(): MeanLosses;
}

export function lossMeter(detector: Detector): LossMeter {
  const sum = { classification: 0, regression: 0 };
  let batches = 0;
  return {
    add(raw, batch) {
      scope(() => {
        const { classification, regression } = detector.loss(raw, batch);
        sum.classification += classification.item();
        sum.regression += regression.item();
      });
      batches++;
    },
    mean() {
      const [classification, regression] = [sum.classification / batches, sum.regression / batches];
      return { loss: classification + regression, classification, regression };
    },
  };
}

/** The losses of a detector on a data set, without detections. The detector must be in evaluation mode. */
export async function evaluateLosses(
  detector: Detector,
  dataset: Dataset,
  options: Omit<EvaluateOptions, "protocol" | "onAnswers" | "onDetections">,
): Promise<MeanLosses> {
  if (dataset.entries.length === 0) throw new InputError("no picture to evaluate on", { file: dataset.name });
  const meter = lossMeter(detector);
  await eachBatch(detector, dataset, options, (batch) => {
    scope(() => inferenceMode(() => meter.add(detector.forward(detector.normalize(batch.images, batch.extents)), batch)));
  });
  return meter.mean();
}
