import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { defaultGenerator, optim, scope, serialize, type Tensor } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import { disposeAll, type Entries, loadWeights, readEntries } from "../checkpoints/index.js";
import { createDetector, type Detector, freeze, freezeBatchNorm } from "../detectors/index.js";
import type { Batch } from "../loader/index.js";
import { type Recipe, resolveRecipe } from "../recipes/index.js";
import { firstNotFinite, isFiniteTensor, type NotFinite, stepProblem } from "./not-finite.js";
import type { RunDirectory, TrainingState } from "./run/index.js";
import { forward, picturesOf, type TrainingBatch } from "./train-step.js";

const parts = ["images", "boxes", "labels", "counts", "extents"] as const;

/** A step that went wrong: saved so that it can be repeated, and told. */
export function saveFailedStep(
  problem: NotFinite,
  { model, progress, optimizer, team }: TrainingState<Detector>,
  batch: Batch,
  { run, recipe, generator }: { run: RunDirectory; recipe: Recipe; generator: Tensor },
): InputError {
  const step = progress.globalStep + 1;
  const file = join(run.replays, team.size === 1 ? `step-${step}.pth` : `step-${step}-rank-${team.rank}.pth`); // its part of the batch
  mkdirSync(run.replays, { recursive: true });
  const saved = parts.flatMap((name): [string, Tensor][] => (batch[name] ? [[name, batch[name]]] : []));
  serialize.save(
    file,
    new Map<string, unknown>([
      ["model", model.stateDict()],
      ["batch", new Map(saved)],
      ["pictures", batch.entries.map(({ imageFile }) => imageFile)],
      ["epoch", progress.epoch + 1],
      ["step", step],
      ["learning_rate", optimizer.learningRate],
      ["generator", generator],
      ["classes", [...model.classes]],
      ["recipe", JSON.stringify(recipe)],
    ]),
  );
  return new InputError(stepProblem(problem, progress, batch.entries), {
    fix: `\`singleshot train --replay ${file}\` repeats it picture by picture; a lower learning rate may help; the last checkpoint is as it was`,
  });
}

/** What a repeated step shows. */
export interface Replay {
  epoch: number;
  step: number;
  learningRate: number;
  losses: Losses;
  /** The norm of the gradients of the whole batch. */
  gradientNorm: number;
  /** What is not finite in it, by name: weights, boxes, gradients. */
  notFinite: string[];
  /** Each picture alone; batch norm uses the picture's own statistics then. */
  pictures: (Losses & { file: string; boxes: number })[];
}

interface Losses {
  classification: number;
  regression: number;
}

/**
 * Repeats a step that was saved because something in it was not finite. Nothing is written.
 * @throws InputError where the file is no saved step
 */
export function replay(file: string): Replay {
  const saved = readEntries(file);
  const [batch, recipeText] = [saved.get("batch"), saved.get("recipe")];
  if (!(batch instanceof Map) || typeof recipeText !== "string")
    throw new InputError("the file holds no training step", { file, fix: "name a file of a run's folder `replay`" });
  const recipe = resolveRecipe(JSON.parse(recipeText), { file });
  const detector = createDetector(recipe.detector, saved.get("classes") as string[]).train();
  try {
    if (recipe.training.freeze !== undefined) freeze(detector, recipe.training.freeze);
    if (recipe.training.freezeBatchNorm) freezeBatchNorm(detector);
    loadWeights(detector, saved.get("model") as Map<string, Tensor>, file);
    return { ...placeOf(saved), ...repeated(detector, Object.fromEntries(batch) as TrainingBatch, saved, recipe) };
  } finally {
    detector.dispose();
    disposeAll(saved);
  }
}

const placeOf = (saved: Entries) => ({
  epoch: saved.get("epoch") as number,
  step: saved.get("step") as number,
  learningRate: saved.get("learning_rate") as number,
});

function repeated(detector: Detector, batch: TrainingBatch, saved: Entries, recipe: Recipe) {
  const weights = firstNotFinite(detector.stateDict());
  const files = saved.get("pictures") as string[];
  const run = (part: TrainingBatch) => {
    defaultGenerator.state = saved.get("generator") as Tensor;
    return scope(() => lossesOf(detector, part, recipe));
  };
  const { gradientNorm, ...losses } = run(batch);
  const gradients = firstNotFinite([...detector.parameters()].flatMap(([key, { grad }]) => (grad ? [[key, grad] as const] : [])));
  const notFinite = [
    ...(weights === undefined ? [] : [`weights ${weights}`]),
    ...(isFiniteTensor(batch.boxes) ? [] : ["boxes"]),
    ...(gradients === undefined ? [] : [`the gradient of ${gradients}`]),
  ];
  const counts = batch.counts.toTypedArray();
  const pictures = files.map((file, i) => {
    const { gradientNorm: _, ...own } = run(picturesOf(batch, i, 1));
    return { file, boxes: Number(counts[i]), ...own };
  });
  return { losses, gradientNorm, notFinite, pictures };
}

function lossesOf(detector: Detector, batch: TrainingBatch, { training }: Recipe): Losses & { gradientNorm: number } {
  detector.zeroGrad();
  const { total, classification, regression } = forward(detector, batch, training.precision);
  total.backward();
  return {
    classification: classification.item(),
    regression: regression.item(),
    gradientNorm: optim.gradNorm(detector.parameters().values()),
  };
}
