import { existsSync } from "node:fs";
import { type JetsonNet, jetsonDetector, recipes } from "@singleshot/detection/recipes";
import { InputError } from "@singleshot/vision";
import { type Decisions, FIRST_GPU, type Row, type TrainingProgram } from "../program/index.js";
import { kindOf } from "./data-kind.js";
import { nets } from "./nets.js";
import { WEIGHTS_OF_SEED } from "./weights.js";

/** The flags of train_ssd.py, as read. */
export interface TrainSsdFlags {
  datasetType: "voc" | "open_images";
  datasets: string[];
  net: string;
  resolution: number;
  freezeBaseNet: boolean;
  freezeNet: boolean;
  mb2WidthMult: number;
  baseNet?: string;
  pretrainedSsd: string;
  resume?: string;
  lr: number;
  extraLayersLr?: number;
  scheduler: "cosine" | "multi-step";
  tMax: number;
  numEpochs: number;
  validationMeanAp: boolean;
  debugSteps: number;
  useCuda: boolean;
  checkpointFolder: string;
  logLevel: string;
}

const isMultiStep = ({ scheduler }: TrainSsdFlags) => scheduler === "multi-step";
const withMultiStep = { counts: isMultiStep, says: "with --scheduler=multi-step" };
const withCosine = { counts: (flags: TrainSsdFlags) => !isMultiStep(flags), says: "with --scheduler=cosine" };
const withMb2 = { counts: ({ net }: { net: string }) => net === "mb2-ssd-lite", says: "with --net=mb2-ssd-lite: the others have no width" };

const rows: readonly Row<TrainSsdFlags>[] = [
  {
    flags: ["--dataset-type"],
    kind: "text",
    choices: ["open_images", "voc"],
    default: "open_images",
    says: "how the data set is laid out",
    decides: "--dataset",
  },
  { flags: ["--datasets", "--data"], kind: "texts", default: ["data"], says: "the data set's folder, or several", decides: "--data" },
  { flags: ["--balance-data"], kind: "switch", says: "as many pictures of each class as the rarest has", into: "data.balance" },
  { flags: ["--net"], kind: "text", choices: nets, default: "mb1-ssd", says: "the network", decides: "--recipe" },
  {
    flags: ["--resolution"],
    kind: "integer",
    default: 300,
    says: "side of the input in pixels; of every network, where the original has it for mb1-ssd alone",
    decides: "detector.input, detector.anchors",
  },
  { flags: ["--freeze-base-net"], kind: "switch", says: "do not train the backbone", decides: "training.freeze" },
  { flags: ["--freeze-net"], kind: "switch", says: "train the heads alone", decides: "training.freeze" },
  {
    flags: ["--mb2-width-mult"],
    kind: "number",
    default: 1,
    says: "multiplies the channels",
    when: withMb2,
    decides: "detector.network.width",
  },
  { flags: ["--base-net"], kind: "text", says: "weights of a classifier that the backbone starts from", decides: "training.backbone" },
  {
    flags: ["--pretrained-ssd"],
    kind: "text",
    default: WEIGHTS_OF_SEED,
    says: "weights of a detector to start from, all but its heads; the default counts for mb1-ssd, where the file is there",
    decides: "training.weights",
  },
  { flags: ["--resume"], kind: "text", says: "weights to start from, heads and all; epochs begin at 0", decides: "training.weights" },
  { flags: ["--lr", "--learning-rate"], kind: "number", default: 0.01, says: "the learning rate", into: "optimizer.learningRate" },
  { flags: ["--momentum"], kind: "number", default: 0.9, says: "of SGD", into: "optimizer.momentum" },
  { flags: ["--weight-decay"], kind: "number", default: 5e-4, says: "of all parameters", into: "optimizer.weightDecay" },
  {
    flags: ["--gamma"],
    kind: "number",
    default: 0.1,
    says: "the factor of a milestone; the original always takes 0.1",
    when: withMultiStep,
    into: "schedule.gamma",
  },
  {
    flags: ["--base-net-lr"],
    kind: "number",
    default: 0.001,
    says: "the backbone's learning rate",
    into: "optimizer.backboneLearningRate",
  },
  {
    flags: ["--extra-layers-lr"],
    kind: "number",
    says: "the learning rate between backbone and heads; without it as --lr",
    into: "optimizer.extrasLearningRate",
  },
  {
    flags: ["--scheduler"],
    kind: "text",
    choices: ["cosine", "multi-step"],
    default: "cosine",
    says: "how the learning rate falls",
    decides: "schedule.name",
  },
  {
    flags: ["--milestones"],
    kind: "text",
    default: "80,100",
    says: "epochs, commas between them",
    when: withMultiStep,
    into: "schedule.milestones",
    as: milestones,
  },
  {
    flags: ["--t-max"],
    kind: "number",
    default: 100,
    says: "epochs until the rate is 0; then it rises again",
    when: withCosine,
    into: "schedule.period",
  },
  { flags: ["--batch-size"], kind: "integer", default: 4, says: "pictures a step", into: "data.batchSize" },
  { flags: ["--num-epochs", "--epochs"], kind: "integer", default: 30, says: "times through the data", into: "schedule.epochs" },
  {
    flags: ["--num-workers", "--workers"],
    kind: "integer",
    default: 2,
    says: "threads that read pictures; 0 needs least memory",
    into: "data.workers",
  },
  {
    flags: ["--validation-epochs"],
    kind: "integer",
    default: 1,
    says: "epochs from one validation, and saved file, to the next",
    into: "evaluation.everyEpochs",
  },
  { flags: ["--validation-mean-ap"], kind: "switch", says: "measure mAP at each validation", into: "evaluation.map" },
  { flags: ["--debug-steps"], kind: "integer", default: 10, says: "steps from one line of the log to the next" },
  {
    flags: ["--use-cuda"],
    kind: "optional-truth",
    default: true,
    says: "train on a GPU, where there is one; it is so without the flag, and =false keeps to the CPU, which the original cannot",
    decides: "--device",
    wantsGpu: Boolean,
  },
  { flags: ["--checkpoint-folder", "--model-dir"], kind: "text", default: "models/", says: "where the files go", decides: "--out" },
  {
    flags: ["--log-level"],
    kind: "text",
    default: "info",
    says: "debug, info, warning, error or critical: less important lines are left out",
  },
];

function milestones(text: string): number[] {
  const epochs = text.split(",").map((word) => Number(word.trim() || Number.NaN));
  if (epochs.every((epoch) => Number.isInteger(epoch) && epoch > 0)) return epochs;
  throw new InputError(`${text} are not epochs with commas between them`, {
    file: "--milestones",
    fix: "for example: --milestones 80,100",
  });
}

export const trainSsd: TrainingProgram<TrainSsdFlags> = {
  name: "train_ssd",
  summary: "train a detector",
  description: "Train a detector as pytorch-ssd's train_ssd.py does: its flags, its log, its files.",
  rows,
  examples: [
    "jetson train_ssd --dataset-type=voc --data=data/fruit --model-dir=models/fruit --resolution 512",
    "jetson train_ssd --data=data/fruit --model-dir=models/fruit --batch-size=4 --epochs=30",
    "jetson train_ssd --dataset-type=voc --data=photos --net=vgg16-ssd --base-net=vgg16.pth --num-workers=0",
  ],
  decide,
  devices: ({ useCuda }) => (useCuda ? FIRST_GPU : { words: ["cpu"] }),
  observers: async (observed) => (await import("./observers.js")).observers(observed),
};

function decide(flags: TrainSsdFlags, given: ReadonlySet<string>): Decisions {
  const net = flags.net as JetsonNet;
  const weights = weightsOf(flags, given);
  const { source, ...recipe } = recipes.get(net)!;
  return {
    base: {
      ...recipe,
      source,
      detector: jetsonDetector(net, { resolution: flags.resolution, ...(net === "mb2-ssd-lite" && { width: flags.mb2WidthMult }) }),
      schedule: isMultiStep(flags) ? { name: "multi-step", epochs: 1, milestones: [] } : { name: "cosine", epochs: 1 },
      training: { ...weights, ...freezing(flags) },
      evaluation: { protocol: "jetson-voc07", firstEpoch: 1, loss: true },
    },
    files: filesOf(flags),
    folder: flags.checkpointFolder,
    notes: [
      Object.keys(weights).length === 0 && FROM_RANDOM,
      flags.freezeBaseNet && flags.freezeNet && "--freeze-net is without effect beside --freeze-base-net",
      given.has("resolution") && net !== "mb1-ssd" && `${net} is built at ${flags.resolution} px; the original ignores --resolution for it`,
      !isMultiStep(flags) &&
        flags.tMax !== flags.numEpochs &&
        `the learning rate reaches 0 after ${flags.tMax} epochs (--t-max), and there are ${flags.numEpochs}; --t-max=${flags.numEpochs} ends with it`,
      given.has("resume") && "--resume takes the weights alone, as the original does; `singleshot train --resume RUN` goes on with a run",
    ],
  };
}

const FROM_RANDOM =
  "training starts from random weights: expect less, and later. --pretrained-ssd FILE starts from a detector; without one --base-net-lr 0.01 learns faster";

const freezing = ({ freezeBaseNet, freezeNet }: TrainSsdFlags) =>
  freezeBaseNet ? { freeze: "backbone" } : freezeNet ? { freeze: "all-but-heads" } : {};

/** The first of them counts: --resume, --base-net, --pretrained-ssd. */
function weightsOf({ net, resume, baseNet, pretrainedSsd }: TrainSsdFlags, given: ReadonlySet<string>): object {
  if (resume) return { weights: resume };
  if (baseNet) return { backbone: baseNet };
  if (!given.has("pretrainedSsd") && (net !== "mb1-ssd" || !existsSync(pretrainedSsd))) return {};
  return pretrainedSsd === "" ? {} : { weights: pretrainedSsd };
}

const SPLITS = {
  voc: { splits: ["trainval", "train"], evaluationSplits: ["test", "val"] },
  open_images: { splits: ["train"], evaluationSplits: ["test"] },
};

const filesOf = ({ datasetType, datasets }: TrainSsdFlags): Decisions["files"] => ({
  data: datasets,
  ...kindOf(datasetType),
  ...SPLITS[datasetType],
});
