import type { Row } from "../program/index.js";

/** The flags of torchvision's references/detection/train.py, as read. */
export interface TrainFlags {
  dataPath: string;
  dataset: string;
  model: string;
  device: string;
  batchSize: number;
  epochs: number;
  opt: string;
  lr: number;
  momentum: number;
  weightDecay: number;
  lrScheduler: string;
  lrGamma: number;
  printFreq: number;
  outputDir: string;
  resume: string;
  start_epoch: number;
  aspectRatioGroupFactor: number;
  trainableBackboneLayers?: number;
  dataAugmentation: string;
  testOnly: boolean;
  weights?: string;
  weightsBackbone?: string;
  amp: boolean;
}

/** Of a checkpoint that is gone on with it is the checkpoint's matter. */
export const firstEpoch = ({ start_epoch, resume }: Pick<TrainFlags, "start_epoch" | "resume">): number =>
  resume === "" ? start_epoch : 0;

const ENVIRONMENT = "the environment says how many processes there are, as for the original";

export const isAdamW = ({ opt }: TrainFlags) => opt.toLowerCase() === "adamw";
export const isMultiStep = ({ lrScheduler }: TrainFlags) => lrScheduler.toLowerCase() === "multisteplr";
const withSgd = { counts: (flags: TrainFlags) => !isAdamW(flags), says: "with --opt sgd" };
const withSteps = { counts: isMultiStep, says: "with --lr-scheduler multisteplr" };

export const rows: readonly Row<TrainFlags>[] = [
  { flags: ["--data-path"], kind: "text", default: "/datasets01/COCO/022719/", says: "the data set's folder", decides: "--data" },
  {
    flags: ["--dataset"],
    kind: "text",
    default: "coco",
    says: "coco, or any format that is recognised with auto; coco_kp is refused",
    decides: "--dataset",
  },
  {
    flags: ["--model"],
    kind: "text",
    default: "maskrcnn_resnet50_fpn",
    says: "the detector; the default is none, it has two stages",
    decides: "--recipe",
  },
  {
    flags: ["--device"],
    kind: "text",
    default: "cuda",
    says: "where to compute: cuda, cuda:N, cpu; on the CPU where there is no GPU",
    decides: "--device",
    wantsGpu: (device: string) => device !== "cpu",
  },
  { flags: ["-b", "--batch-size"], kind: "integer", default: 2, says: "pictures a step and process", into: "data.batchSize" },
  {
    flags: ["--epochs"],
    kind: "integer",
    default: 26,
    says: "times through the data",
    into: "schedule.epochs",
    as: (epochs: number, flags) => epochs - firstEpoch(flags),
  },
  { flags: ["-j", "--workers"], kind: "integer", default: 4, says: "threads that read pictures", into: "data.workers" },
  { flags: ["--opt"], kind: "text", default: "sgd", says: "sgd, sgd_nesterov or adamw", decides: "optimizer.name, optimizer.nesterov" },
  {
    flags: ["--lr"],
    kind: "number",
    default: 0.02,
    says: "the learning rate; for 8 processes with 2 pictures each",
    into: "optimizer.learningRate",
  },
  { flags: ["--momentum"], kind: "number", default: 0.9, says: "of SGD", when: withSgd, into: "optimizer.momentum" },
  { flags: ["--weight-decay", "--wd"], kind: "number", default: 1e-4, says: "of the parameters", into: "optimizer.weightDecay" },
  {
    flags: ["--norm-weight-decay"],
    kind: "number",
    says: "of normalisation layers, where it is another",
    into: "optimizer.normWeightDecay",
  },
  { flags: ["--lr-scheduler"], kind: "text", default: "multisteplr", says: "multisteplr or cosineannealinglr", decides: "schedule.name" },
  {
    flags: ["--lr-step-size"],
    kind: "integer",
    default: 8,
    says: "epochs between steps",
    ignored: "the original never looks at it; --lr-steps counts",
  },
  {
    flags: ["--lr-steps"],
    kind: "integers",
    default: [16, 22],
    says: "epochs at which the rate falls",
    when: withSteps,
    into: "schedule.milestones",
  },
  { flags: ["--lr-gamma"], kind: "number", default: 0.1, says: "by which factor", when: withSteps, into: "schedule.gamma" },
  { flags: ["--print-freq"], kind: "integer", default: 20, says: "steps from one line of the log to the next" },
  {
    flags: ["--output-dir"],
    kind: "text",
    default: ".",
    says: "where the files go; with an empty name none are written",
    decides: "--out",
  },
  { flags: ["--resume"], kind: "text", default: "", says: "go on with a checkpoint.pth or model_EPOCH.pth", decides: "--resume" },
  {
    flags: ["--start_epoch"],
    kind: "integer",
    default: 0,
    says: "the number of the first epoch; the schedule begins with it, the warm-up is epoch 0's",
    when: { counts: ({ resume }) => resume === "", says: "without --resume, whose checkpoint knows its epoch" },
    decides: "schedule",
  },
  {
    flags: ["--aspect-ratio-group-factor"],
    kind: "integer",
    default: 3,
    says: "a batch holds pictures of like height / width; below 0: any",
    into: "data.aspectGroups",
    as: (factor: number) => (factor < 0 ? false : factor),
  },
  { flags: ["--rpn-score-thresh"], kind: "number", says: "of region proposals", ignored: "single-shot detectors have none" },
  {
    flags: ["--trainable-backbone-layers"],
    kind: "integer",
    says: "how many stages of the backbone train, where it has weights; else as torchvision's builders have it",
    decides: "training.freeze",
  },
  {
    flags: ["--data-augmentation"],
    kind: "text",
    choices: ["hflip", "lsj", "multiscale", "ssd", "ssdlite"],
    default: "hflip",
    says: "how pictures are changed",
    into: "data.augmentation",
  },
  {
    flags: ["--sync-bn"],
    kind: "switch",
    says: "batch norm over all processes",
    into: "training.syncBatchNorm",
  },
  { flags: ["--test-only"], kind: "switch", says: "evaluate and stop", decides: "singleshot eval" },
  {
    flags: ["--use-deterministic-algorithms"],
    kind: "switch",
    says: "the same numbers again",
    ignored: "every run here asks for them, and libtorch warns where a GPU has none",
  },
  { flags: ["--world-size"], kind: "integer", default: 1, says: "how many processes", ignored: ENVIRONMENT },
  { flags: ["--dist-url"], kind: "text", default: "env://", says: "where they meet", ignored: ENVIRONMENT },
  { flags: ["--weights"], kind: "text", says: "a detector's weights to start from, by torchvision's name", decides: "training.weights" },
  {
    flags: ["--weights-backbone"],
    kind: "text",
    says: "a classifier's weights for the backbone, by torchvision's name",
    decides: "training.backbone",
  },
  { flags: ["--amp"], kind: "switch", says: "mixed precision, where it is right and faster", decides: "training.precision" },
  {
    flags: ["--use-copypaste"],
    kind: "switch",
    says: "paste objects into other pictures",
    refused: "copy-paste needs the objects' masks, and data sets here have boxes",
  },
  { flags: ["--backend"], kind: "text", default: "PIL", says: "what pictures are changed with", ignored: "there is one way" },
  {
    flags: ["--use-v2"],
    kind: "switch",
    says: "the second version of the transforms",
    ignored: "boxes without area are left out in any case",
  },
];
