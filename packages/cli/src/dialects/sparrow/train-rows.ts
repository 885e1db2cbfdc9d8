import { InputError } from "@singleshot/vision";
import type { Row } from "../program/index.js";

/** The notebook's constants and the keys of its `aug_cfg`, as read. */
export interface TrainFlags {
  imgSize: number;
  dataRoot: string;
  saveDir: string;
  backbone: string;
  widthMult: number;
  ratios: number[];
  scales: number[];
  strides: number[];
  epochs: number;
  amp: boolean;
  useColorAug: boolean;
  useFlip: boolean;
  useRotate: boolean;
  rotateDeg: number;
  useScale: boolean;
  scaleRange: number[];
  minBoxSize: number;
}

export const STRIDES = [8, 16, 32];

/** `IMG_SIZE` is written `--img-size` or as in the notebook; keys of `aug_cfg` the same way. */
const named = (name: string): Row["flags"] => [`--${name.toLowerCase().replaceAll("_", "-")}`, `--${name}`];

const constant = (name: string, row: Omit<Row<TrainFlags>, "flags">): Row<TrainFlags> => ({ flags: named(name), ...row });

export const rows: readonly Row<TrainFlags>[] = [
  constant("IMG_SIZE", { kind: "integer", default: 320, says: "side of the input in pixels", decides: "detector.input" }),
  constant("BATCH_SIZE", { kind: "integer", default: 64, says: "pictures a step", into: "data.batchSize" }),
  constant("EPOCHS", { kind: "integer", default: 10, says: "times through the data", into: "schedule.epochs" }),
  constant("NUM_WORKERS", { kind: "integer", default: 8, says: "threads that read pictures", into: "data.workers" }),
  constant("PIN_MEMORY", { kind: "truth", default: true, says: "memory that a GPU reads fast", ignored: "pictures go to a GPU one way" }),
  constant("DATA_ROOT", { kind: "text", default: "data/coco2017_ssdlite", says: "the data set's folder", decides: "--data" }),
  constant("SAVE_DIR", { kind: "text", default: "./output/ssdlite", says: "where best.pt goes", decides: "--out" }),
  constant("BACKBONE", { kind: "text", default: "mobilenet_v2", says: "mobilenet_v2, mobilenet_v3 or shufflenet_v2", decides: "--recipe" }),
  constant("WIDTH_MULT", {
    kind: "number",
    default: 1,
    says: "multiplies the backbone's channels",
    into: "detector.network.backbone.width",
  }),
  constant("NUM_CLASSES", {
    kind: "integer",
    default: 81,
    says: "classes and the background",
    ignored: "the classes are those of the data set",
  }),
  constant("RATIOS", { kind: "numbers", default: [1, 2, 0.5], says: "width / height of the anchors", decides: "detector.anchors" }),
  constant("SCALES", {
    kind: "numbers",
    default: [1, 1.26],
    says: "sizes of the anchors, against the level's",
    decides: "detector.anchors",
  }),
  constant("STRIDES", { kind: "integers", default: STRIDES, says: "of the maps; must be the network's", decides: "detector.anchors" }),
  constant("LR", { kind: "number", default: 3e-3, says: "the learning rate", into: "optimizer.learningRate" }),
  constant("WD", { kind: "number", default: 5e-4, says: "weight decay of all parameters", into: "optimizer.weightDecay" }),
  constant("WARMUP_EPOCHS", {
    kind: "number",
    default: 3,
    says: "epochs in which the rate rises; the original never looks at it",
    into: "schedule.warmupEpochs",
  }),
  constant("AMP", {
    kind: "truth",
    default: true,
    says: "mixed precision on a GPU, where it is right and faster",
    decides: "training.precision",
    wantsGpu: Boolean,
  }),
  constant("NEG_POS_RATIO", {
    kind: "integer",
    default: 3,
    says: "background anchors for each that has an object",
    into: "detector.loss.classification.negativesPerPositive",
  }),
  constant("use_color_aug", { kind: "truth", default: true, says: "aug_cfg: change colours", decides: "data.augmentation" }),
  constant("use_flip", { kind: "truth", default: true, says: "aug_cfg: mirror", decides: "data.augmentation" }),
  constant("use_rotate", { kind: "truth", default: true, says: "aug_cfg: turn", decides: "data.augmentation" }),
  constant("rotate_deg", { kind: "number", default: 15, says: "aug_cfg: by at most so many degrees", decides: "data.augmentation" }),
  constant("use_scale", { kind: "truth", default: true, says: "aug_cfg: enlarge and shrink", decides: "data.augmentation" }),
  constant("scale_range", { kind: "numbers", default: [0.75, 1.25], says: "aug_cfg: by so much", decides: "data.augmentation" }),
  constant("min_box_size", {
    kind: "number",
    default: 2,
    says: "aug_cfg: narrower boxes are left out, in pixels",
    decides: "data.augmentation",
  }),
];

const RECIPES: Readonly<Record<string, string>> = {
  mobilenet_v2: "sparrow-ssdlite",
  mobilenet_v3: "sparrow-ssdlite-mobilenet-v3",
  shufflenet_v2: "sparrow-ssdlite-shufflenet-v2",
};

/** The recipe of a backbone by the notebook's name. @throws InputError for another */
export function recipeOf(backbone: string): string {
  const recipe = RECIPES[backbone];
  if (recipe === undefined)
    throw new InputError(`${backbone} is not known`, { file: "--backbone", fix: `it can be ${Object.keys(RECIPES).join(", ")}` });
  return recipe;
}
