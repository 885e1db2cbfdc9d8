import { inferenceMode, scope } from "@singleshot/torch";
import { type Dataset, InputError } from "@singleshot/vision";
import type { Detector, Raw } from "../detectors/index.js";
import { alone, summed, type Team } from "../distributed/index.js";
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
  /** Over the batches of all processes of the team. */
  mean(): Promise<MeanLosses>;
}

export function lossMeter(detector: Detector, team: Team = alone): LossMeter {
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
    async mean() {
      const [classes, boxes, count] = summed(await team.gather([sum.classification, sum.regression, batches])) as [number, number, number];
      const [classification, regression] = [classes / count, boxes / count];
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
  const meter = lossMeter(detector, options.team);
  await eachBatch(detector, dataset, options, (batch) => {
    scope(() => inferenceMode(() => meter.add(detector.forward(detector.normalize(batch.images, batch.extents)), batch)));
  });
  return meter.mean();
}
