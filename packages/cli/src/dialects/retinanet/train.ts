import { existsSync } from "node:fs";
import { join } from "node:path";
import { recipes } from "@singleshot/detection/recipes";
import { InputError } from "@singleshot/vision";
import { type Decisions, type Devices, deviceList, type Row, type TrainingProgram } from "../program/index.js";
import { type ListFlags, listRows } from "./list-rows.js";

/** The constants of the tutorial's page `retinanet_train`, as read. */
export interface TrainFlags extends ListFlags {
  load: boolean;
  save: boolean;
  pretrain: boolean;
  size: number;
  iouTh: number[];
  folder: string;
  device: string;
}

export const PRETRAINED = "net_e_pretrain.pkl";
const JOINED = "net.pkl"; // net_e and net_d together, for a training that goes on from both

const rows: readonly Row<TrainFlags>[] = [
  { flags: ["--load"], kind: "truth", default: false, says: "start from net_e.pkl and net_d.pkl", decides: "training.weights" },
  { flags: ["--save"], kind: "truth", default: true, says: "write net_e.pkl, net_d.pkl and log.npy" },
  {
    flags: ["--pretrain"],
    kind: "truth",
    default: true,
    says: `start the extractor from ${PRETRAINED}, where it is there`,
    decides: "training.backbone",
  },
  {
    flags: ["--freeze-bn", "--freeze_bn"],
    kind: "truth",
    default: false,
    says: "keep batch norm's statistics",
    into: "training.freezeBatchNorm",
  },
  { flags: ["--num-epochs", "--num_epochs"], kind: "integer", default: 200, says: "times through the data", into: "schedule.epochs" },
  { flags: ["--nbatch"], kind: "integer", default: 30, says: "pictures a step", into: "data.batchSize" },
  { flags: ["--lr"], kind: "number", default: 0.01, says: "the learning rate", into: "optimizer.learningRate" },
  ...listRows,
  { flags: ["--size"], kind: "integer", default: 257, says: "side of the input in pixels, 32 k + 1", decides: "detector.input" },
  {
    flags: ["--iou-th", "--iou_th"],
    kind: "numbers",
    default: [0.3, 0.5],
    says: "overlap below which an anchor is background, and above which it has an object",
    decides: "detector.matcher",
  },
  {
    flags: ["--device", "--GPU_DEVICE"],
    kind: "text",
    default: "0",
    says: "numbers of the GPUs, a process for each; on the CPU where there is none",
    decides: "launch --nproc-per-node, --device",
  },
  {
    flags: ["--folder"],
    kind: "text",
    default: ".",
    says: "where the files lie and go; the original has no name for it",
    decides: "--out",
  },
];

const devices = ({ device }: TrainFlags): Devices => deviceList(device, "--device");

export const train: TrainingProgram<TrainFlags> = {
  name: "train",
  summary: "train the detector",
  description:
    "Train the detector as the page retinanet_train of the tutorial RetinaNet from scratch does: its constants as flags, its lines, its files.",
  rows,
  config: true,
  examples: ["retinanet train --root VOC2012/JPEGImages --list_file data/voc_trainval.txt --nbatch 30 --num_epochs 200"],
  decide,
  devices,
  beforehand: async (flags) => {
    if (flags.load) (await import("./weights.js")).joinWeights(flags.folder, join(flags.folder, JOINED));
  },
  observers: async (observed) => (await import("./observers.js")).observers(observed),
};

function decide(flags: TrainFlags, given: ReadonlySet<string>): Decisions {
  const { size, folder, load, pretrain, root, listFile } = flags;
  requireSize(size);
  const recipe = recipes.get("retinanet-scratch")!;
  const pretrained = join(folder, PRETRAINED);
  const starts = pretrain && (given.has("pretrain") || existsSync(pretrained));
  const [background, foreground] = thresholds(flags);
  return {
    base: {
      ...recipe,
      detector: {
        ...recipe.detector,
        input: { ...recipe.detector.input, width: size, height: size },
        matcher: { ...recipe.detector.matcher, background, foreground },
      },
      training: load ? { weights: join(folder, JOINED) } : starts ? { backbone: pretrained } : {},
    },
    files: { annotations: listFile, images: root, dataset: "list" },
    folder,
    notes: [
      !load && !starts && `there is no ${pretrained}: the extractor starts from random weights, so expect less, and later`,
      load && "the original's --load begins again at epoch 0, and so does this; `singleshot train --resume RUN` goes on with a run",
    ],
  };
}

/** The way up doubles a map of n cells to 2 n - 1, so only such sizes fit. @throws InputError for another, with its neighbours */
export function requireSize(size: number): void {
  const below = 32 * Math.max(1, Math.floor((size - 1) / 32)) + 1;
  if (size !== below) throw new InputError(`${size} is not 32 k + 1`, { file: "--size", fix: `take ${below} or ${below + 32}` });
}

function thresholds({ iouTh }: TrainFlags): [number, number] {
  const [background = Number.NaN, foreground = Number.NaN, ...more] = iouTh;
  if (background <= foreground && more.length === 0) return [background, foreground];
  throw new InputError(`${iouTh.join(" ")} are not two thresholds, the lower one first`, { file: "--iou-th" });
}
