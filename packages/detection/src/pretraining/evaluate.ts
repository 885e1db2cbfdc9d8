import { inferenceMode, ops, scope } from "@singleshot/torch";
import { type AugmentationStep, type Dataset, InputError } from "@singleshot/vision";
import type { Classifier } from "../backbones/index.js";
import { alone, batchesOf, inOrder, requireNoStop, summed, type Team } from "../distributed/index.js";
import { type Batch, Loader } from "../loader/index.js";
import type { PretrainingRecipe } from "../recipes/index.js";
import { targetsOf } from "./classes.js";
import { logitsOf } from "./forward.js";
import { accuracyOf, ranksOf } from "./ranks.js";

/** How good a classifier is. Shares are from 0 to 1. */
export interface ClassificationResult {
  /** Mean cross entropy. */
  loss: number;
  top1: number;
  /** null: there are no more than five classes */
  top5: number | null;
  classes: { name: string; pictures: number; accuracy: number | null }[];
  images: number;
  durationMs: number;
}

export interface EvaluateClassifierOptions {
  /** The processes that evaluate together, each some of the batches; all get the same result. */
  team?: Team;
  onProgress?: (progress: { done: number; total: number }) => void;
  signal?: AbortSignal;
}

/** How good a classifier is on a data set; it must be in evaluation mode. A picture that cannot be read ends it. */
export async function evaluateClassifier(
  model: Classifier,
  dataset: Dataset,
  recipe: PretrainingRecipe,
  { team = alone, onProgress, signal }: EvaluateClassifierOptions = {},
): Promise<ClassificationResult> {
  const start = performance.now();
  const { entries, classes } = dataset;
  if (entries.length === 0) throw new InputError("no picture to evaluate on", { file: dataset.name });
  const batchSize = evaluationBatchSize(recipe, team);
  const loader = evaluationLoader(recipe, { entries: batchesOf(entries, batchSize, team) }, { team });
  const own: number[] = [];
  let sum = 0;
  try {
    for await (using batch of loader.epoch(0)) {
      if (signal?.aborted) break;
      const answers = answersTo(model, batch, recipe);
      own.push(...answers.ranks);
      sum += answers.loss * batch.entries.length;
      onProgress?.({ done: Math.min(own.length * team.size, entries.length), total: entries.length });
      await new Promise(setImmediate);
    }
  } finally {
    await loader.close();
  }
  await requireNoStop(team, signal);
  const ranks = inOrder(await team.gatherData(own), batchSize);
  const [loss = 0] = summed(await team.gather([sum]));
  const perClass = classes.map((name, c) => {
    const own = ranks.filter((_, i) => entries[i]!.labels[0] === c + 1);
    return { name, pictures: own.length, accuracy: own.length > 0 ? accuracyOf(own) : null };
  });
  return {
    loss: loss / entries.length,
    top1: accuracyOf(ranks),
    top5: classes.length > 5 ? accuracyOf(ranks, 5) : null,
    classes: perClass,
    images: entries.length,
    durationMs: Math.round(performance.now() - start),
  };
}

/** The mean cross entropy of a batch, and the rank of each picture's class. */
export function answersTo(model: Classifier, { images, entries }: Batch, recipe: PretrainingRecipe): { loss: number; ranks: number[] } {
  return scope(() =>
    inferenceMode(() => {
      const [logits, targets] = [logitsOf(model, images, recipe), targetsOf(entries, model.device)];
      return { loss: ops.crossEntropyLoss(logits, targets).item(), ranks: ranksOf(logits, targets) };
    }),
  );
}

/** What a process computes at once in a step. */
const evaluationBatchSize = ({ training, data }: PretrainingRecipe, { size }: Team) =>
  training.microBatchSize ?? Math.ceil(data.batchSize / size);

/** Pictures as an evaluation sees them: in their order or, where one wants samples, in a random one. */
export function evaluationLoader(
  recipe: PretrainingRecipe,
  { entries }: Pick<Dataset, "entries">,
  { shuffle = false, team = alone } = {},
): Loader {
  const { side } = recipe.classifier;
  return new Loader({
    entries,
    augmentation: recipe.evaluation.centerCrop ? middleOf(side) : [],
    input: { resize: "stretch", width: side, height: side },
    batchSize: evaluationBatchSize(recipe, team),
    workers: recipe.data.workers,
    seed: recipe.training.seed,
    shuffle,
  });
}

/** The short side brought to the input's, and the middle square of that. */
const middleOf = (side: number): AugmentationStep[] => [
  { step: "interpolation", kinds: ["antialias"] },
  { step: "short-side", sides: [side], longest: Number.MAX_SAFE_INTEGER },
  { step: "center-crop", side },
];
