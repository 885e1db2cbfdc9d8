import { z } from "zod";

const unit = z.number().min(0).max(1);
const positive = z.number().positive();
const natural = z.number().int().positive();
const triple = z.tuple([z.number(), z.number(), z.number()]);

const step = positive.optional(); // pixels between the centres of anchors; left out: input / map
const anchorLevel = z.union([
  z.strictObject({
    scale: positive, // side of the square anchor as a share of the picture
    nextScale: positive, // the next level's, for the square in between
    ratios: z.array(positive), // width / height; each comes with its inverse
    step,
  }),
  z.strictObject({ shapes: z.array(z.tuple([positive, positive])).min(1), step }), // each [width, height] as shares of the picture
]);

const detector = z.strictObject({
  name: z.literal("ssdlite-mobilenet-v3-large"),
  input: z.strictObject({ width: natural, height: natural }), // pixels; pictures are stretched to it
  width: positive.default(1), // multiplier on every channel count
  reducedTail: z.boolean().default(true), // halved channels behind the last stride
  norm: z.strictObject({ eps: positive, momentum: unit }).default({ eps: 1e-3, momentum: 0.03 }),
  tapStrides: z.array(z.union([z.literal(4), z.literal(8), z.literal(16)])).default([16]), // maps taken before the last one
  extras: z.array(natural).default([512, 256, 256, 128]), // channels of the maps behind the last one
  anchors: z.array(anchorLevel).min(1),
  matcher: z.strictObject({ iouThreshold: unit }).default({ iouThreshold: 0.5 }),
  loss: z
    .strictObject({
      negativesPerPositive: positive,
      classWeights: z.record(z.string(), positive).optional(), // by class name; 1 where a class is not named
    })
    .default({ negativesPerPositive: 3 }),
  postprocess: z
    .strictObject({ scoreThreshold: unit, iouThreshold: unit, candidatesPerClass: natural, maxDetections: natural })
    .default({ scoreThreshold: 0.001, iouThreshold: 0.55, candidatesPerClass: 300, maxDetections: 300 }),
  normalization: z.strictObject({ mean: triple, std: triple }).default({ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }),
});

const augmentationStep = z.looseObject({ step: z.string() });

const optimizer = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("sgd"),
    learningRate: positive,
    momentum: unit.default(0.9),
    nesterov: z.boolean().default(false),
    weightDecay: z.number().min(0).default(0),
    normWeightDecay: z.number().min(0).optional(), // for batch-norm weights and all biases
  }),
  z.strictObject({
    name: z.literal("adamw"),
    learningRate: positive,
    betas: z.tuple([unit, unit]).default([0.9, 0.999]),
    eps: positive.default(1e-8),
    weightDecay: z.number().min(0).default(0.01),
    normWeightDecay: z.number().min(0).optional(),
  }),
]);

const warmup = {
  warmupSteps: z.number().int().min(0).default(0), // the learning rate rises linearly over so many steps
  warmupFactor: unit.default(0.001), // where it starts
  warmupInFirstEpoch: z.boolean().default(false), // ends it with the first epoch at the latest
};
const schedule = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("cosine"),
    epochs: natural,
    per: z.enum(["step", "epoch"]).default("epoch"),
    finalFactor: unit.default(0),
    ...warmup,
  }),
  z.strictObject({ name: z.literal("multi-step"), epochs: natural, milestones: z.array(natural), gamma: positive.default(0.1), ...warmup }),
  z.strictObject({ name: z.literal("constant"), epochs: natural, ...warmup }),
]);

export const recipeSchema = z.strictObject({
  name: z.string(),
  source: z.string(), // where the settings are from
  description: z.string(),
  expected: z.strictObject({ protocol: z.string(), map: z.number(), on: z.string() }).optional(), // published accuracy, per cent
  detector,
  data: z.strictObject({
    augmentation: z.union([z.string(), z.array(augmentationStep)]), // a preset's name, or its steps
    batchSize: natural, // pictures per optimizer step, over all processes
    workers: z.number().int().min(0).default(1), // 0: in the training thread
    cacheMegabytes: z.number().min(0).default(1024), // decoded pictures kept in memory
    dropLast: z.boolean().default(true), // leave out an incomplete last batch
  }),
  optimizer,
  schedule,
  training: z
    .strictObject({
      seed: z.number().int().min(0).default(0),
      precision: z.enum(["float32", "bfloat16"]).default("float32"),
      emaDecay: unit.optional(), // evaluate and keep a moving average of the weights
      clipGradNorm: positive.optional(),
      microBatchSize: natural.optional(), // pictures computed at once: less memory, batch norm over as many; their gradients are averaged
    })
    .prefault({}),
  evaluation: z
    .strictObject({
      protocol: z.enum(["coco", "voc07", "voc"]).default("coco"),
      everyEpochs: natural.default(1),
      split: z.string().default("test"),
    })
    .prefault({}),
});

/** All that trains a detector again: plain data, complete, printable. */
export type Recipe = z.output<typeof recipeSchema>;
/** A recipe as one writes it: what has a default may be left out. */
export type RecipeInput = z.input<typeof recipeSchema>;
export type DetectorOptions = Recipe["detector"];
export type OptimizerOptions = Recipe["optimizer"];
export type ScheduleOptions = Recipe["schedule"];
