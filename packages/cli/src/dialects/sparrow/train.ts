import { recipes } from "@singleshot/detection/recipes";
import { InputError, sparrowAugmentation } from "@singleshot/vision";
import type { Decisions, TrainingProgram } from "../program/index.js";
import { recipeOf, rows, STRIDES, type TrainFlags } from "./train-rows.js";

export const train: TrainingProgram<TrainFlags> = {
  name: "train",
  summary: "train a detector",
  description:
    "Train a detector as MobileSparrow's notebook 001_Training_SSDLite does: its constants as flags or in a file, its log, its best.pt.",
  rows,
  config: true,
  examples: [
    "sparrow train --DATA_ROOT data/coco2017_ssdlite --IMG_SIZE 320 --BATCH_SIZE 64 --EPOCHS 10",
    "sparrow train --config sparrow.yaml --epochs 20",
  ],
  decide,
  observers: async (observed) => (await import("./observers.js")).observers(observed),
};

const BASE = 4; // side of the anchors against the stride, as the recipe has it: the original's 1 is too small for COCO's objects

function decide(flags: TrainFlags): Decisions {
  const recipe = recipes.get(recipeOf(flags.backbone))!;
  const { imgSize, ratios, scales, strides } = flags;
  if (String(strides) !== String(STRIDES))
    throw new InputError(`the network's maps have strides ${STRIDES.join(", ")}, not ${strides.join(", ")}`, { file: "--strides" });
  const sides = { width: imgSize, height: imgSize };
  const { detector } = recipe;
  const { postprocess } = detector;
  return {
    base: {
      ...recipe,
      detector: {
        ...detector,
        input: { ...detector.input, ...sides },
        anchors: { ...detector.anchors, levels: STRIDES.map((stride) => ({ shapes: shapes(BASE * stride, { ratios, scales }) })) },
        coder: { minSide: imgSize / 1e6 },
        postprocess: { ...postprocess, nms: { ...postprocess.nms, epsilon: 1e-6 / imgSize ** 2 } },
      },
      data: { ...recipe.data, augmentation: augmentationOf(flags) },
      evaluation: { ...recipe.evaluation, loss: true },
    },
    files: { data: [flags.dataRoot], dataset: "coco", splits: ["train"], evaluationSplits: ["val", "test"] },
    folder: flags.saveDir,
    ...(flags.amp && { onGpu: { training: { precision: "auto" } } }),
  };
}

const shapes = (side: number, { ratios, scales }: Pick<TrainFlags, "ratios" | "scales">) =>
  ratios.flatMap((ratio) => scales.map((scale) => [side * scale * Math.sqrt(ratio), (side * scale) / Math.sqrt(ratio)]));

/** The recipe's preset by its name, where nothing is switched off. */
function augmentationOf(flags: TrainFlags) {
  const [low = 0.75, high = 1.25] = flags.scaleRange;
  const plan = sparrowAugmentation({
    color: flags.useColorAug,
    flip: flags.useFlip,
    rotate: flags.useRotate,
    degrees: flags.rotateDeg,
    scale: flags.useScale,
    scaleRange: [low, high],
    minBoxSize: flags.minBoxSize,
  });
  return JSON.stringify(plan) === JSON.stringify(sparrowAugmentation()) ? "sparrow" : plan;
}
