import { tinyRecipe } from "../tiny.js";

const SIDE = 64;

/** Steps, evaluations and saves enough for a process to be killed in each of them. */
const course = {
  data: { augmentation: "ssd", batchSize: 2, workers: 1 },
  schedule: { name: "multi-step", epochs: 3, milestones: [1, 2] }, // knows nothing of the end: a run can be extended
  training: { saveEvery: { steps: 3 } },
  evaluation: { everyEpochs: 1, split: "test", loss: true },
};

/** One detector of each family, as small as it gets, by name. Each is a recipe file's content. */
export const chaosNets: Readonly<Record<string, object>> = {
  ssdlite: { ...tinyRecipe, ...course, training: { ...course.training, emaDecay: 0.9 } },
  /** For two processes, each with two pictures a step; with everything left out that such a run does not test. */
  pair: {
    ...tinyRecipe,
    ...course,
    name: "pair",
    data: { ...course.data, batchSize: 4, workers: 0 },
    schedule: { name: "constant", epochs: 2 },
  },
  ssd: {
    extends: "sq-ssd-lite",
    ...course,
    name: "ssd",
    detector: { input: { resize: "stretch", width: SIDE, height: SIDE } },
    optimizer: { name: "adamw", learningRate: 1e-3 },
  },
  retinanet: {
    extends: "retinanet-resnet50",
    ...course,
    name: "retinanet",
    detector: { network: { norm: "batch" }, input: { resize: "stretch", width: SIDE, height: SIDE } },
    training: { ...course.training, freeze: 0, clipGradNorm: 1 },
    optimizer: { learningRate: 1e-3 },
  },
};
