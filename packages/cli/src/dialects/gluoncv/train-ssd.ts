import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { publishedPath, requirePublished } from "@singleshot/detection/published";
import { recipes } from "@singleshot/detection/recipes";
import { InputError } from "@singleshot/vision";
import { type Decisions, type Devices, deviceList, type Row, type TrainingProgram } from "../program/index.js";

/** The flags of GluonCV's train_ssd.py, as read. */
export interface TrainSsdFlags {
  network: string;
  dataShape: number;
  batchSize: number;
  dataset: "voc" | "coco" | "helmet";
  datasetRoot: string;
  epochs: number;
  resume: string;
  startEpoch: number;
  lr: number;
  lrDecay: number;
  lrDecayEpoch: string;
  logInterval: number;
  savePrefix: string;
  saveInterval: number;
  valInterval: number;
  amp: boolean;
  gpus: string;
}

/** What the helmet detector was trained with: `--dataset helmet` puts it in the place of the defaults. */
const helmet = {
  dataShape: 512,
  batchSize: 8,
  epochs: 100,
  lr: 5e-4,
  lrDecayEpoch: "60,80",
  logInterval: 5,
  valInterval: 5,
  saveInterval: 50,
  savePrefix: "ssd_helmet",
};

/** COCO is large: the original validates on it more rarely. */
const coco = { valInterval: 10 };

const usual: Record<TrainSsdFlags["dataset"], object> = { voc: {}, coco, helmet };

const MPI = "mpirun says how many processes there are, as for the original";

const rows: readonly Row<TrainSsdFlags>[] = [
  { flags: ["--network"], kind: "text", choices: ["vgg16_atrous"], default: "vgg16_atrous", says: "the backbone", decides: "--recipe" },
  { flags: ["--data-shape"], kind: "integer", default: 300, says: "side of the input in pixels, 300 or 512", decides: "--recipe" },
  { flags: ["--batch-size"], kind: "integer", default: 32, says: "pictures a step", into: "data.batchSize" },
  {
    flags: ["--dataset"],
    kind: "text",
    choices: ["voc", "coco", "helmet"],
    default: "voc",
    says: "how the data set is laid out; helmet: VOC2028 with the helmet detector's settings as defaults",
    decides: "--dataset",
  },
  {
    flags: ["--dataset-root"],
    kind: "text",
    default: "~/.mxnet/datasets/",
    says: "the data set's folder, or the one that voc or coco lies in",
    decides: "--data",
  },
  { flags: ["-j", "--num-workers"], kind: "integer", default: 4, says: "threads that read pictures", into: "data.workers" },
  {
    flags: ["--gpus"],
    kind: "text",
    default: "0",
    says: "numbers of the GPUs, a process for each; on the CPU where there is none",
    decides: "launch --nproc-per-node, --device",
  },
  {
    flags: ["--epochs"],
    kind: "integer",
    default: 240,
    says: "times through the data",
    into: "schedule.epochs",
    as: (epochs: number, { startEpoch }) => epochs - startEpoch,
  },
  { flags: ["--resume"], kind: "text", default: "", says: "weights to start from", decides: "training.weights" },
  {
    flags: ["--start-epoch"],
    kind: "integer",
    default: 0,
    says: "the number of the first epoch; the learning rate is as it would be then",
    decides: "schedule",
  },
  { flags: ["--lr"], kind: "number", default: 0.001, says: "the learning rate", into: "optimizer.learningRate", as: learningRate },
  { flags: ["--lr-decay"], kind: "number", default: 0.1, says: "by which factor it falls", into: "schedule.gamma" },
  {
    flags: ["--lr-decay-epoch"],
    kind: "text",
    default: "160,200",
    says: "at which epochs, commas between them",
    into: "schedule.milestones",
    as: milestones,
  },
  { flags: ["--momentum"], kind: "number", default: 0.9, says: "of SGD", into: "optimizer.momentum" },
  { flags: ["--wd"], kind: "number", default: 5e-4, says: "weight decay of all parameters", into: "optimizer.weightDecay" },
  { flags: ["--log-interval"], kind: "integer", default: 100, says: "batches from one line of the log to the next" },
  {
    flags: ["--save-prefix"],
    kind: "text",
    default: "",
    says: "how the files' names begin; ssd_SHAPE_NETWORK_DATASET is added",
    decides: "--out",
  },
  { flags: ["--save-interval"], kind: "integer", default: 10, says: "epochs from one saved file to the next" },
  {
    flags: ["--val-interval"],
    kind: "integer",
    default: 1,
    says: "epochs from one validation to the next; with --dataset coco 10; wherever a file is saved, too",
    decides: "evaluation.everyEpochs",
  },
  { flags: ["--seed"], kind: "integer", default: 233, says: "other first weights, order and augmentation", into: "training.seed" },
  {
    flags: ["--syncbn"],
    kind: "switch",
    says: "batch norm over all devices",
    into: "training.syncBatchNorm",
  },
  { flags: ["--dali"], kind: "switch", says: "NVIDIA's data loader", ignored: "pictures are read one way" },
  { flags: ["--amp"], kind: "switch", says: "mixed precision, where it is right and faster", decides: "training.precision" },
  { flags: ["--horovod"], kind: "switch", says: "several processes", ignored: MPI },
];

const devices = ({ gpus }: TrainSsdFlags): Devices => deviceList(gpus, "--gpus");

export const trainSsd: TrainingProgram<TrainSsdFlags> = {
  name: "train_ssd",
  summary: "train a detector",
  description: "Train a detector as GluonCV's scripts/detection/ssd/train_ssd.py does: its flags, its log, its files.",
  rows,
  examples: [
    "gluoncv train_ssd --dataset voc --dataset-root data --data-shape 512 --batch-size 16",
    "gluoncv train_ssd --dataset helmet --dataset-root VOC2028",
  ],
  defaults: ({ dataset }) => usual[dataset],
  decide,
  devices,
  observers: async (observed) => (await import("./observers.js")).observers(observed),
};

function decide(flags: TrainSsdFlags): Decisions {
  const { dataset, dataShape, resume, startEpoch, epochs, amp } = flags;
  if (dataShape !== 300 && dataShape !== 512) throw new InputError(`${dataShape} is neither 300 nor 512`, { file: "--data-shape" });
  if (startEpoch >= epochs) throw new InputError(`${startEpoch} is not before the last of ${epochs} epochs`, { file: "--start-epoch" });
  const start = startOf(flags);
  const recipe = recipes.get(
    dataset === "helmet" && dataShape === 512 ? "ssd512-helmet" : `ssd${dataShape}-vgg16-atrous-${dataset === "coco" ? "coco" : "voc"}`,
  )!;
  return {
    base: {
      ...recipe,
      schedule: { name: "multi-step" },
      training: { ...start, ...(amp && { precision: "auto" }) },
      evaluation: { ...recipe.evaluation, firstEpoch: 1, everyEpochs: evaluatedEpochs(flags) },
    },
    files: filesOf(flags),
    folder: dirname(prefixOf(flags)),
    notes: [
      dataset === "helmet" && "the classes are hat and person; in our own words they stand in a file, one a line: --labels FILE",
      start.backbone && `training starts from ${BACKBONE}, as the original from a VGG16 of its own`,
      !resume && !start.backbone && FROM_RANDOM,
      resume &&
        startEpoch > 0 &&
        "--resume takes the weights alone, as the original does; `singleshot train --resume RUN` goes on with a run",
    ],
  };
}

const BACKBONE = "VGG16_Weights.IMAGENET1K_FEATURES";
const FROM_RANDOM = `the original starts from a VGG16 that it fetches: \`singleshot weights ${BACKBONE}\` fetches one, and training then starts from it. Without it expect less, and later`;

/** The weights to go on from, or the VGG16 where it is here. */
function startOf({ resume }: TrainSsdFlags): { weights?: string; backbone?: string } {
  if (resume) return { weights: resume };
  return existsSync(publishedPath(requirePublished(BACKBONE))) ? { backbone: BACKBONE } : {};
}

/** How the files' names begin. */
export const prefixOf = ({ savePrefix, dataShape, network, dataset }: TrainSsdFlags): string =>
  dataset === "helmet" ? savePrefix : `${savePrefix}${["ssd", dataShape, network, dataset].join("_")}`;

function filesOf({ dataset, datasetRoot }: TrainSsdFlags): Decisions["files"] {
  const inner = join(datasetRoot, dataset);
  const data = [existsSync(inner) ? inner : datasetRoot];
  if (dataset === "coco") return { data, dataset: "coco", splits: ["train"], evaluationSplits: ["val", "test"] };
  return {
    data,
    dataset: "voc",
    pixelsFrom: 1, // as GluonCV's reader
    splits: ["trainval", "train"],
    evaluationSplits: ["test", "val"],
    ...(dataset === "helmet" && { classes: ["hat", "person"] }),
  };
}

/** The original validates every so many epochs, and where it saves. */
function evaluatedEpochs({ valInterval, saveInterval }: TrainSsdFlags): number | number[] {
  if (valInterval < 1) throw new InputError(`${valInterval} is not a number of epochs`, { file: "--val-interval" });
  return saveInterval > 0 && saveInterval % valInterval !== 0 ? [valInterval, saveInterval] : valInterval;
}

function epochsOfDecay({ lrDecayEpoch }: TrainSsdFlags): number[] {
  const epochs = lrDecayEpoch
    .split(",")
    .filter((word) => word.trim() !== "")
    .map(Number);
  if (epochs.every((epoch) => Number.isInteger(epoch) && epoch >= 0)) return epochs;
  throw new InputError(`${lrDecayEpoch} are not epochs with commas between them`, {
    file: "--lr-decay-epoch",
    fix: "for example: --lr-decay-epoch 160,200",
  });
}

/** Counted from the first epoch that is trained. */
function milestones(_: string, flags: TrainSsdFlags): number[] {
  return epochsOfDecay(flags).flatMap((epoch) => (epoch > flags.startEpoch ? [epoch - flags.startEpoch] : []));
}

function learningRate(rate: number, flags: TrainSsdFlags): number {
  return rate * flags.lrDecay ** epochsOfDecay(flags).filter((epoch) => epoch <= flags.startEpoch && epoch > 0).length;
}
