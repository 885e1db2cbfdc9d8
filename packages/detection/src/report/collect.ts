import { basename, resolve } from "node:path";
import type { Device } from "@singleshot/torch";
import type { Dataset, MatchedPicture } from "@singleshot/vision";
import { detectAll, type EvaluateOptions, loadModel, type Model } from "../evaluation/index.js";
import { readConfig } from "../training/index.js";
import { anchorPart } from "./anchor-part.js";
import type { EvaluationPart, ReportData } from "./data.js";
import { dataPart } from "./data-part.js";
import { environment } from "./environment.js";
import { evaluationPart } from "./evaluation.js";
import { inputText } from "./input-text.js";
import { readMetrics } from "./metrics-file.js";
import { readableJson } from "./readable-json.js";
import { trainingSamples } from "./samples.js";
import { worstGroups } from "./worst.js";

export interface CollectOptions extends Pick<EvaluateOptions, "onProgress" | "signal"> {
  /** The run directory. */
  run: string;
  /** Labels as the run has them. */
  data: { train: Dataset; evaluation?: Dataset };
  /** Weaker detections are left out where one has to decide; default: where the mean F1 is highest. */
  score?: number;
  /** Where to compute, as `findDevice` names it. Left out: the CPU. */
  device?: Device;
}

/**
 * Evaluates a run's best weights and gathers all that its report shows.
 * @throws InputError: no run, no weights in it, a picture that cannot be read
 */
export async function collectReport(options: CollectOptions): Promise<ReportData> {
  const { run, data, device = "cpu" } = options;
  const { recipe, classes } = readConfig(run);
  const model = loadModel(run, { device });
  try {
    const { part, matched } = await evaluated(model, options);
    const judged = data.evaluation ?? data.train;
    return {
      name: basename(resolve(run)),
      recipe: { name: recipe.name, description: recipe.description, text: readableJson(recipe) },
      classes,
      input: inputText(recipe.detector.input),
      metrics: readMetrics(run),
      evaluation: part,
      worst: part && data.evaluation ? await worstGroups(data.evaluation, matched, part.score) : [],
      samples: await trainingSamples(recipe, data.train),
      data: dataPart(data.evaluation ? [data.train, data.evaluation] : [data.train], recipe.detector.input),
      anchors: anchorPart(model.detector, judged, matched, part?.score ?? 0),
      environment: environment(),
    };
  } finally {
    model.detector.dispose();
  }
}

async function evaluated(
  { detector, recipe, file }: Model,
  { data, score, onProgress, signal }: CollectOptions,
): Promise<{ part: EvaluationPart | undefined; matched: MatchedPicture[] }> {
  if (!data.evaluation) return { part: undefined, matched: [] };
  const detections = await detectAll(detector, data.evaluation, {
    batchSize: recipe.training.microBatchSize ?? recipe.data.batchSize,
    workers: recipe.data.workers,
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
  return evaluationPart(data.evaluation, detections, { protocol: recipe.evaluation.protocol, weights: basename(file), score });
}
