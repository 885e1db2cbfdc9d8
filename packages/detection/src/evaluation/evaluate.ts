import {
  type Dataset,
  evaluationInput,
  evaluationPlan,
  type ImageDetections,
  InputError,
  type Evaluation as Metrics,
  evaluate as measure,
  type Protocol,
} from "@singleshot/vision";
import type { Detector, Raw } from "../detectors/index.js";
import { alone, batchesOf, inOrder, requireNoStop, requireSameData, type Team } from "../distributed/index.js";
import { type Batch, Loader, withoutDifficult } from "../loader/index.js";
import { detect } from "./detect.js";

/** The result of `singleshot eval`. */
export type Evaluation = Metrics & { durationMs: number };

export interface EvaluateOptions {
  protocol: Protocol;
  /** of protocols that have one; default 0.5 */
  iouThreshold?: number;
  batchSize?: number;
  /** The processes that evaluate together, each some of the batches; all get the same result. */
  team?: Team;
  workers?: number;
  cacheBytes?: number;
  onProgress?: (progress: { done: number; total: number }) => void;
  /** Is given what was found, in the order of the data set, before it is scored. */
  onDetections?: (detections: readonly ImageDetections[]) => void;
  /** Is given what the network answers to every batch, before it becomes detections: it may be gone behind the call. */
  onAnswers?: (raw: Raw, batch: Batch) => void;
  /** `skip`: losses do not see difficult objects; mAP counts them as its protocol does. */
  difficult?: "train" | "skip";
  /** When it is aborted the evaluation ends with an AbortError. */
  signal?: AbortSignal;
}

/** How good a detector is on a data set. The detector must be in evaluation mode. A picture that cannot be read ends it: the numbers would not be comparable. */
export async function evaluate(detector: Detector, dataset: Dataset, options: EvaluateOptions): Promise<Evaluation> {
  const start = performance.now();
  if (dataset.entries.length === 0) throw new InputError("no picture to evaluate on", { file: dataset.name });
  const { team = alone } = options;
  await requireSameData(team, { evaluation: dataset });
  const detections = await detectAll(detector, dataset, options);
  return team.fromFirst(() => {
    options.onDetections?.(detections);
    const truth = dataset.entries.map(({ id, boxes, labels, flags }) => ({ image: id, boxes, labels, flags }));
    const { protocol, iouThreshold } = options;
    const metrics = measure(protocol, truth, detections, { classes: dataset.classes, ...(iouThreshold !== undefined && { iouThreshold }) });
    return { ...metrics, durationMs: Math.round(performance.now() - start) };
  });
}

/** What a detector finds in every picture of a data set, in the order of its entries. The detector must be in evaluation mode. */
export async function detectAll(
  detector: Detector,
  dataset: Dataset,
  { onAnswers, ...options }: Omit<EvaluateOptions, "protocol">,
): Promise<ImageDetections[]> {
  const { team = alone, batchSize = BATCH_SIZE } = options;
  const detections: ImageDetections[] = [];
  await eachBatch(detector, dataset, options, (batch) => {
    const found = detect(detector, batch, batch.entries, onAnswers && ((raw) => onAnswers(raw, batch)));
    detections.push(...found.map((one, i) => ({ image: batch.entries[i]!.id, ...one })));
  });
  return inOrder(await team.gatherData(detections), batchSize);
}

const BATCH_SIZE = 16;

/** The batches of a data set as they are for evaluation: no augmentation, in order. */
export async function eachBatch(
  detector: Detector,
  dataset: Dataset,
  { batchSize = BATCH_SIZE, team = alone, workers = 1, cacheBytes = 0, difficult, onProgress, signal }: Omit<EvaluateOptions, "protocol">,
  visit: (batch: Batch) => void,
): Promise<void> {
  const shown = difficult === "skip" ? withoutDifficult(dataset.entries) : dataset.entries;
  const entries = batchesOf(shown, batchSize, team);
  const { input } = detector;
  const loading = { augmentation: evaluationPlan(input), input: evaluationInput(input), batchSize, workers, cacheBytes };
  const loader = new Loader({ entries, ...loading });
  const total = dataset.entries.length;
  let done = 0;
  try {
    for await (using batch of loader.epoch(0)) {
      if (signal?.aborted) break;
      visit(batch);
      done += batch.entries.length;
      onProgress?.({ done: Math.min(done * team.size, total), total });
      await new Promise(setImmediate);
    }
  } finally {
    await loader.close();
  }
  await requireNoStop(team, signal);
}
