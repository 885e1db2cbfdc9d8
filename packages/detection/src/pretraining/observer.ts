import type { PretrainingRecipe } from "../recipes/index.js";
import type { LoopObserver, StepValues } from "../training/index.js";
import type { ClassificationResult } from "./evaluate.js";

export interface ClassificationValues extends StepValues {
  /** Of the batch, before the step: the share whose best class is the right one. */
  accuracy: number;
}

/** Whoever wants to see or write something while a classifier is trained. */
export interface PretrainingObserver extends LoopObserver<ClassificationValues, ClassificationResult> {
  started?(run: { recipe: PretrainingRecipe; classes: readonly string[]; root: string; steps: number; epochs: number; done: number }): void;
  /** One batch of the evaluation split was looked at, after the given step. */
  probed?(probe: { step: number; accuracy: number }): void;
}
