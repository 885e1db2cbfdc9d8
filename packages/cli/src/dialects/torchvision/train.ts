import { COCO_NAMES } from "@singleshot/detection/published";
import { InputError } from "@singleshot/vision";
import type { Decisions, Devices, TrainingProgram } from "../program/index.js";
import { frozenStages, modelNames, modelRecipe } from "./models.js";
import { withSizes } from "./sizes.js";
import { firstEpoch, isAdamW, isMultiStep, rows, type TrainFlags } from "./train-rows.js";

export const train: TrainingProgram<TrainFlags> = {
  name: "train",
  summary: "train a detector, or evaluate one",
  description: `Train a detector as torchvision's references/detection/train.py does: its flags, its log, its files. Detectors: ${modelNames.join(", ")}.`,
  rows,
  batchPerProcess: true,
  devices,
  examples: [
    "torchvision train --dataset coco --data-path photos --model ssd300_vgg16 --epochs 120 --lr-steps 80 110 --aspect-ratio-group-factor 3 --lr 0.002 --batch-size 4 --weight-decay 0.0005 --data-augmentation ssd --weights-backbone VGG16_Weights.IMAGENET1K_FEATURES",
    "launch --nproc_per_node 8 -- torchvision train --dataset coco --data-path coco --model retinanet_resnet50_fpn --epochs 26 --lr 0.01",
    "torchvision train --data-path photos --model ssdlite320_mobilenet_v3_large --test-only --resume model_25.pth",
  ],
  decide,
  instead: (flags) => (flags.testOnly ? async (here) => (await import("./evaluate.js")).testOnly(flags, here) : undefined),
  observers: async (observed) => (await import("./observers.js")).observers(observed),
};

/** Of several processes, which a launcher has started, each takes the GPU of its number. */
function devices({ device }: TrainFlags): Devices {
  if (/^(cpu|cuda(:\d{1,3})?)$/.test(device)) return { words: [device] };
  throw new InputError(`${device} is not known`, { file: "--device", fix: "it can be cuda, cuda:N, cpu" });
}

function decide(flags: TrainFlags, given: ReadonlySet<string>): Decisions {
  const recipe = modelRecipe(flags.model, flags);
  requireEpochs(flags);
  const { weights, weightsBackbone, amp, outputDir, resume } = flags;
  const { microBatchSize, ...training } = recipe.training ?? {};
  return {
    base: {
      ...recipe,
      detector: withSizes(recipe.detector, flags.dataAugmentation),
      optimizer: optimizerOf(flags),
      schedule: { ...(firstEpoch(flags) === 0 && warmupOf(recipe.schedule)), ...scheduleOf(flags) },
      training: {
        ...training,
        ...(microBatchSize !== undefined && { microBatchSize: flags.batchSize }), // what one process sees at once
        freeze: frozenStages(flags.model, flags),
        ...(weights ? { weights } : weightsBackbone && { backbone: weightsBackbone }),
        ...(amp && { precision: "auto" }),
      },
    },
    files: { ...filesOf(flags), splits: ["train"], evaluationSplits: ["val", "test"] },
    folder: outputDir === "" ? "runs" : outputDir,
    ...(resume !== "" && { checkpoint: resume }),
    notes: [
      flags.dataset === "coco" && NUMBERED_BY_ID,
      outputDir === "" && "no file of the original's is written; the run's own records go to runs/",
      given.has("trainableBackboneLayers") &&
        !weights &&
        !weightsBackbone &&
        "--trainable-backbone-layers is without effect: no weights are given, so all of the backbone trains",
    ],
  };
}

const NUMBERED_BY_ID =
  "labels are COCO's category ids, 91 classes with the background, as in the original (--dataset auto: the data set's own classes); in our own words they stand in a file, one a line: --labels FILE";

function requireEpochs(flags: TrainFlags): void {
  const [first, { epochs }] = [firstEpoch(flags), flags];
  if (first > 0 && first >= epochs) throw new InputError(`${first} is not before the last of ${epochs} epochs`, { file: "--start_epoch" });
}

function optimizerOf(flags: TrainFlags): object {
  const name = flags.opt.toLowerCase();
  if (isAdamW(flags)) return { name: "adamw" };
  if (name.startsWith("sgd")) return { name: "sgd", nesterov: name.includes("nesterov") };
  throw new InputError(`${flags.opt} is not known`, { file: "--opt", fix: "it can be sgd, sgd_nesterov, adamw" });
}

const warmupOf = ({ warmupSteps, warmupFactor, warmupInFirstEpoch }: Partial<Record<string, unknown>>) => {
  return { warmupSteps, warmupFactor, warmupInFirstEpoch };
};

function scheduleOf(flags: TrainFlags): object {
  if (isMultiStep(flags)) return { name: "multi-step" };
  if (flags.lrScheduler.toLowerCase() === "cosineannealinglr")
    return { name: "cosine", ...(firstEpoch(flags) > 0 && { period: flags.epochs }) };
  throw new InputError(`${flags.lrScheduler} is not known`, { file: "--lr-scheduler", fix: "it can be multisteplr, cosineannealinglr" });
}

/** Of `--dataset coco` the labels are COCO's ids, whatever the data set has of them. */
export function filesOf({ dataPath, dataset }: Pick<TrainFlags, "dataPath" | "dataset">) {
  if (dataset === "coco_kp") throw new InputError("key points are not detected here", { file: "--dataset", fix: "use coco" });
  return { data: [dataPath], dataset: dataset as "coco", ...(dataset === "coco" && { categoryIds: COCO_NAMES }) };
}
