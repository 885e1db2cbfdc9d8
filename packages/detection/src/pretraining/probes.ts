import type { Dataset } from "@singleshot/vision";
import type { Classifier } from "../backbones/index.js";
import type { Batch, Loader } from "../loader/index.js";
import type { PretrainingRecipe } from "../recipes/index.js";
import { answersTo, evaluationLoader } from "./evaluate.js";
import { accuracyOf } from "./ranks.js";

/** Looks now and then at one batch of the evaluation split, between two steps. */
export interface Probes {
  /** The accuracy, where it is time after so many steps. Depends on that number and the weights alone. */
  after(steps: number): Promise<number | undefined>;
  close(): Promise<void>;
}

/** @param model in training mode, which it is in again afterwards */
export function probesOf(model: Classifier, recipe: PretrainingRecipe, dataset: Dataset | undefined): Probes {
  const { probeEverySteps: every } = recipe.evaluation;
  if (dataset === undefined || every === undefined) return { after: async () => undefined, close: async () => {} };
  const loader = evaluationLoader(recipe, dataset, { shuffle: true });
  let batches: AsyncGenerator<Batch> | undefined;
  return {
    async after(steps) {
      if (steps === 0 || steps % every !== 0) return undefined;
      batches ??= endlessBatches(loader, steps / every - 1);
      using batch = (await batches.next()).value as Batch;
      model.eval();
      const { ranks } = answersTo(model, batch, recipe);
      model.train();
      return accuracyOf(ranks);
    },
    async close() {
      await batches?.return(undefined);
      await loader.close();
    },
  };
}

/** One pass over the data after the other, each in an order of its own, from the given batch on. */
async function* endlessBatches(loader: Loader, from: number): AsyncGenerator<Batch> {
  const [perPass = 1] = loader.batchCounts(1);
  let first = from % perPass;
  for (let pass = Math.floor(from / perPass); ; pass++) {
    yield* loader.epoch(pass, { from: first });
    first = 0;
  }
}
