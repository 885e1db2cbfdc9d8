import { PROTOCOLS, type Protocol } from "@singleshot/vision";
import { z } from "zod";
import { augmentationSchema } from "./augmentation-schema.js";
import { detectorSchema } from "./detector-schema.js";
import { conflicts } from "./misfit.js";
import { natural, positive, unit } from "./primitives.js";

export const dataSchema = z
  .strictObject({
    augmentation: augmentationSchema, // a preset's name, or its steps
    batchSize: natural, // pictures per optimizer step, over all processes
    workers: z.number().int().min(0).default(1), // 0: in the training thread
    cacheMegabytes: z.number().min(0).default(1024), // decoded pictures kept in memory
    shrinkOnLoad: z.boolean().default(true), // photographs of many megapixels are decoded no larger than training needs them
    brokenPictures: z.enum(["skip", "fatal"]).default("skip"), // what cannot be read, or not within a minute, is named and left out, or ends the run
    lastBatch: z.enum(["drop", "keep", "roll-over"]).default("drop"), // of an epoch, where it is not full; `roll-over` begins the next with it
    aspectGroups: z.union([z.literal(false), z.number().int().min(0)]).default(false), // a batch holds pictures of like height / width: docs/sampling.md
    balance: z.boolean().default(false), // as many pictures of each class as the rarest has
    difficult: z.enum(["train", "skip"]).default("train"), // what becomes of objects that are marked difficult
    repeatThreshold: z.union([z.literal(false), positive.max(1)]).default(false), // classes in a smaller share of the pictures are shown more often
  })
  .superRefine((options, { addIssue }) => {
    for (const { key, message } of conflicts(options)) addIssue({ code: "custom", path: [key], message });
  });

const groups = {
  backboneLearningRate: positive.optional(), // of the backbone, where it is another; the schedule moves all rates alike
  extrasLearningRate: positive.optional(), // of what is neither backbone nor head: necks, extra maps
  normWeightDecay: z.number().min(0).optional(), // for the parameters of normalisation layers
  biasWeightDecay: z.number().min(0).optional(), // for all other biases
};
export const optimizerSchema = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("sgd"),
    learningRate: positive,
    momentum: unit.default(0.9),
    nesterov: z.boolean().default(false),
    weightDecay: z.number().min(0).default(0),
    ...groups,
  }),
  z.strictObject({
    name: z.literal("adamw"),
    learningRate: positive,
    betas: z.tuple([unit, unit]).default([0.9, 0.999]),
    eps: positive.default(1e-8),
    weightDecay: z.number().min(0).default(0.01),
    ...groups,
  }),
]);

const warmup = {
  warmupSteps: z.number().int().min(0).default(0), // the learning rate rises linearly over so many steps
  warmupEpochs: z.number().min(0).optional(), // instead of steps, where given
  warmupFactor: unit.default(0.001), // where it starts
  warmupInFirstEpoch: z.boolean().default(false), // ends it with the first epoch at the latest
  startsAfterWarmup: z.boolean().default(false), // the schedule begins where the warm-up ends, not beneath it
};
const per = z.enum(["step", "epoch"]).default("epoch"); // how often the learning rate changes
const period = positive.optional(); // epochs until the end of the curve; left out: all of them
export const scheduleSchema = z.discriminatedUnion("name", [
  z.strictObject({ name: z.literal("cosine"), epochs: natural, per, period, finalFactor: unit.default(0), ...warmup }), // behind its period it rises again
  z.strictObject({
    name: z.literal("multi-step"),
    epochs: natural,
    milestones: z.array(natural),
    unit: z.enum(["epoch", "step"]).default("epoch"), // what milestones count
    gamma: positive.default(0.1),
    ...warmup,
  }),
  z.strictObject({ name: z.literal("polynomial"), epochs: natural, per, period, power: positive.default(1), ...warmup }),
  z.strictObject({ name: z.literal("exponential"), epochs: natural, per, gamma: positive.max(1), ...warmup }), // times gamma every epoch
  z.strictObject({
    name: z.literal("one-cycle"), // the learning rate is its peak
    epochs: natural,
    rising: unit.default(0.3), // share of the steps until the peak
    initialFactor: unit.default(1 / 25),
    finalFactor: unit.default(4e-6),
    ...warmup,
  }),
  z.strictObject({ name: z.literal("constant"), epochs: natural, ...warmup }),
]);

export const trainingSchema = z.strictObject({
  seed: z.number().int().min(0).default(0),
  precision: z.enum(["float32", "bfloat16", "float16", "auto"]).default("float32"), // auto: a 16-bit one where it is right and faster here
  emaDecay: unit.optional(), // evaluate and keep a moving average of the weights
  clipGradNorm: positive.optional(),
  weights: z.string().optional(), // a detector's that training starts from: a file, a run, or a published one's name
  backbone: z.string().optional(), // file with a classifier's weights that the backbone starts from
  freeze: z.union([z.number().int().min(0), z.enum(["backbone", "all-but-heads"])]).optional(), // the first so many stages of the backbone, or all of it
  freezeBatchNorm: z.boolean().default(false), // its statistics stay; its weights and biases train
  syncBatchNorm: z.boolean().default(false), // in several processes: over the pictures of all of them
  microBatchSize: natural.optional(), // pictures computed at once: less memory, batch norm over as many; their gradients are averaged
  saveEvery: z.strictObject({ steps: natural.optional(), minutes: positive.optional() }).optional(), // beside the end of every epoch
  keepEveryEpochs: natural.optional(), // keeps the weights of every so many epochs: checkpoints/epoch-N.pth
  earlyStopping: z.strictObject({ patience: natural, metric: z.enum(["map", "loss"]).default("map") }).optional(), // epochs without a better evaluation
});

/** Several: the epochs of each. */
export const everyEpochsSchema = z.union([natural, z.array(natural).min(1)], "expected a number of epochs, or a list of such").default(1);

export const recipeSchema = z.strictObject({
  name: z.string(),
  source: z.string(), // where the settings are from
  description: z.string(),
  expected: z
    .strictObject({
      protocol: z.string(),
      map: z.number(), // per cent
      on: z.string(),
      by: z.string().optional(), // what reached it, where the recipe alone does not
    })
    .optional(), // published accuracy
  facts: z.strictObject({ classes: natural, parameters: natural, anchors: natural }).optional(), // of the network with so many classes
  reference: z.record(z.string(), z.unknown()).optional(), // where the original errs: what `--reference` puts back, to compare with it
  fromScratch: z.record(z.string(), z.unknown()).optional(), // what is otherwise where no pretrained backbone is given
  fromWeights: z.record(z.string(), z.record(z.string(), z.unknown())).optional(), // what is otherwise where it starts from these published weights
  detector: detectorSchema,
  data: dataSchema,
  optimizer: optimizerSchema,
  schedule: scheduleSchema,
  training: trainingSchema.prefault({}),
  evaluation: z
    .strictObject({
      protocol: z.enum(Object.keys(PROTOCOLS) as [Protocol, ...Protocol[]]).default("coco"),
      everyEpochs: everyEpochsSchema,
      firstEpoch: natural.optional(), // the first one that is evaluated; left out: as everyEpochs
      map: z.boolean().default(true),
      loss: z.boolean().default(false), // on the evaluation split too, in evaluation mode
      split: z.string().default("test"),
    })
    .prefault({}),
});

/** All that trains a detector again: plain data, complete, printable. */
export type Recipe = z.output<typeof recipeSchema>;
/** A recipe as one writes it: what has a default may be left out. */
export type RecipeInput = z.input<typeof recipeSchema>;
export type OptimizerOptions = Recipe["optimizer"];
export type ScheduleOptions = Recipe["schedule"];
export type TrainingOptions = Recipe["training"];
