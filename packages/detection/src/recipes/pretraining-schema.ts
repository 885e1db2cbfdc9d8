import { z } from "zod";
import { checked } from "./checked.js";
import { classifierSchema } from "./classifier-schema.js";
import { natural } from "./primitives.js";
import { dataSchema, everyEpochsSchema, optimizerSchema, scheduleSchema, trainingSchema } from "./schema.js";

export const pretrainingRecipeSchema = z.strictObject({
  name: z.string(),
  task: z.literal("classification"), // tells it from a detector's recipe
  source: z.string(), // where the settings are from
  description: z.string(),
  classifier: classifierSchema,
  data: dataSchema,
  optimizer: optimizerSchema,
  schedule: scheduleSchema,
  steps: natural.optional(), // training ends after so many, whatever the schedule's epochs
  training: trainingSchema
    .pick({
      seed: true,
      precision: true,
      emaDecay: true,
      clipGradNorm: true,
      weights: true, // of a classifier that training starts from
      syncBatchNorm: true,
      microBatchSize: true,
      saveEvery: true,
      keepEveryEpochs: true,
      earlyStopping: true,
    })
    .prefault({}),
  evaluation: z
    .strictObject({
      split: z.string().default("val"),
      everyEpochs: everyEpochsSchema,
      centerCrop: z.boolean().default(true), // the middle square of a picture is seen; else all of it, stretched
      probeEverySteps: natural.optional(), // the accuracy on one batch of the split, drawn anew each time
    })
    .prefault({}),
});

/** All that trains a classifier again: plain data, complete, printable. */
export type PretrainingRecipe = z.output<typeof pretrainingRecipeSchema>;
export type PretrainingRecipeInput = z.input<typeof pretrainingRecipeSchema>;

/**
 * Fills in what was left out and checks the rest.
 * @throws InputError naming every key that is wrong
 */
export function resolvePretrainingRecipe(input: unknown, { file }: { file?: string } = {}): PretrainingRecipe {
  return checked(pretrainingRecipeSchema, input, file);
}
