import { z } from "zod";
import { misfit } from "./misfit.js";
import { networkSchema } from "./network-schema.js";
import { natural, positive, triple, unit } from "./primitives.js";

const color = z.tuple([z.number(), z.number(), z.number()]);
// how pixels are made in evaluation and prediction; left out: bilinear. `auto`: bicubic to enlarge, area to shrink
const interpolation = z.enum(["bilinear", "antialias", "bicubic", "area", "lanczos", "nearest", "auto"]).optional();
const stretch = z.strictObject({ resize: z.literal("stretch"), width: natural, height: natural, interpolation });
const letterbox = z.strictObject({
  resize: z.literal("letterbox"),
  width: natural,
  height: natural,
  fill: color.default([114, 114, 114]), // grey levels around the picture
  align: z.enum(["center", "corner"]).default("center"),
  enlarge: z.boolean().default(true), // small pictures too
  interpolation,
});
const sides = z.strictObject({
  resize: z.literal("sides"),
  shortSides: z.array(natural).min(1), // training draws one, everything else takes the last
  longSide: natural, // at most
  multiple: natural.default(32), // a batch is padded to it
  least: natural.optional(), // and to no less than this on either side
  interpolation,
});
/** How pictures are laid into the network's input. */
const input = z.discriminatedUnion("resize", [stretch, letterbox, sides]);

const step = z.union([positive, z.enum(["ceil", "floor"])]).optional(); // pixels between the centres of anchors; left out: input / map
const anchorLevel = z.union([
  z.strictObject({
    scale: positive, // side of the square anchor
    nextScale: positive, // the next level's, for the square in between
    ratios: z.array(positive), // width / height; each comes with its inverse
    step,
  }),
  z.strictObject({ shapes: z.array(z.tuple([positive, positive])).min(1), step }), // each [width, height]
]);
const anchors = z.strictObject({
  unit: z.enum(["share", "pixel"]).default("share"), // sides as shares of the input's, or in its pixels
  center: unit.default(0.5), // where in its cell an anchor stands: 0 is the upper left
  clip: z.enum(["sizes", "boxes", "none"]).default("none"), // sides to the input's, or sides and centres
  round: z.boolean().default(false), // corners to whole pixels around the centre
  keeps: z.enum(["corners", "centers"]).default("corners"), // the form that the original stores; the other is computed from it
  order: z.enum(["cell", "shape"]).default("cell"), // what runs fastest inside a level; heads answer cell by cell
  levels: z.array(anchorLevel).min(1),
});

const four = z.tuple([positive, positive, positive, positive]);
const coder = z.strictObject({
  regress: z.enum(["center", "corners"]).default("center"), // centre and size, or the way of each corner
  weights: four.default([10, 10, 5, 5]), // of x, y, width, height: inverse variances
  maxLogScale: positive.optional(), // decoded sides grow at most by e to this
  minSide: z.number().min(0).default(0), // boxes are encoded as at least so wide and high, in pixels
  order: z.enum(["xywh", "yxhw"]).default("xywh"), // of the four numbers
  center: z.enum(["offset", "mean"]).default("offset"), // of a box: x1 + width / 2, or (x1 + x2) / 2; equal but for the last bit
});

const matcher = z
  .strictObject({
    foreground: unit.default(0.5), // from this overlap on an anchor answers for its best box
    background: unit.optional(), // below it for none; in between it is ignored. Left out: as foreground
    foregroundInclusive: z.boolean().default(true),
    backgroundInclusive: z.boolean().default(false),
    claim: z.enum(["none", "best", "ties", "bipartite"]).default("best"), // what boxes take whatever the overlap
    claimOverrides: z.boolean().default(true), // also from anchors that reach `foreground` with another box
    emptyPicture: z.enum(["background", "ignored"]).default("background"), // what anchors of a picture without boxes are
    iouEpsilon: z.number().min(0).default(0), // added to the union, as a share of the input's area
  })
  .transform(({ background, ...rest }) => ({ ...rest, background: background ?? rest.foreground }));

const crossEntropy = z.strictObject({
  name: z.literal("cross-entropy"), // softmax over the classes and background, with hard negative mining
  negativesPerPositive: positive.default(3),
  minNegatives: z.number().int().min(0).default(0), // of a picture, however few positives it has
  negativesWithoutPositives: z.number().int().min(0).default(0), // of a picture that has none
  classWeights: z.record(z.string(), positive).optional(), // by class name; 1 where a class is not named
});
const focal = z.strictObject({
  name: z.literal("focal"), // a sigmoid for each class
  alpha: z.union([unit, z.literal(-1)]).default(0.25), // weight of the true class, 1 - alpha of the others; -1: all weigh 1
  gamma: z.number().min(0).default(2),
});
const regression = z.discriminatedUnion("name", [
  z.strictObject({ name: z.literal("smooth-l1"), beta: positive.default(1), weight: z.number().min(0).default(1) }),
  z.strictObject({ name: z.literal("l1"), weight: z.number().min(0).default(1) }),
  z.strictObject({ name: z.enum(["giou", "diou", "ciou"]), weight: z.number().min(0).default(1) }),
]);
const loss = z.strictObject({
  classification: z.discriminatedUnion("name", [crossEntropy, focal]),
  regression: regression.prefault({ name: "smooth-l1" }),
  // sums over the positives of the batch; over those of each picture, then the mean; or the mean over the anchors of each picture that count
  normalizer: z.enum(["batch", "image", "mean"]).default("batch"),
  minPositives: natural.default(1), // what is divided by, at least
});

const postprocess = z.strictObject({
  scoreThreshold: unit,
  candidates: z.strictObject({
    per: z.enum(["class", "level", "image"]).default("class"), // whose best go into the suppression
    count: natural.optional(), // so many of them; left out: all
    bestClassOnly: z.boolean().default(false), // a box stands for its best class alone
  }),
  nms: z.strictObject({
    method: z.enum(["hard", "soft"]).default("hard"),
    iouThreshold: unit, // of two boxes of one class that overlap more, the weaker goes
    inclusive: z.boolean().default(false), // also those that overlap just as much
    epsilon: z.number().min(0).default(0), // added to the union, as a share of the input's area
    overlap: z.enum(["union", "smaller"]).default("union"), // what the common area is divided by
    classAgnostic: z.boolean().default(false), // also boxes of other classes
    sigma: positive.default(0.5), // soft: how fast a score falls with the overlap
  }),
  maxPerClass: natural.optional(),
  maxDetections: natural.optional(), // of a picture
  clip: z.enum(["before-nms", "after-nms", "none"]).default("before-nms"), // boxes to the picture
  // last-pixel, as the RetinaNet tutorial: near corners to no less than 0, far ones to no more than width - 1 and height - 1
  clipTo: z.enum(["border", "last-pixel"]).default("border"),
});

const parts = z.strictObject({
  network: networkSchema,
  input,
  trainingInput: input.optional(), // how training lays pictures into it, where that is otherwise
  normalization: z.strictObject({ mean: triple, std: triple }), // of pixels from 0 to 1
  // softmax: over background and the classes. sigmoid: one for each class; with a background, channel 0 is kept for it and never trained
  scores: z.enum(["softmax", "sigmoid", "sigmoid-with-background"]).default("softmax"),
  anchors,
  coder: coder.prefault({}),
  matcher: matcher.prefault({}),
  loss: loss.prefault({ classification: { name: "cross-entropy" } }),
  postprocess,
});

export const detectorSchema = parts.superRefine((detector, { addIssue }) => {
  for (const key of ["input", "trainingInput"] as const) {
    const input = detector[key];
    const message = input && misfit({ ...detector, input });
    if (message) addIssue({ code: "custom", path: [key], message });
  }
});

/** Parts of the schema that stand alone, for whoever writes a part without its recipe. */
export const detectorSchemaPart = { anchors, coder, matcher, loss, postprocess };

export type DetectorOptions = z.output<typeof detectorSchema>;
export type AnchorOptions = DetectorOptions["anchors"];
export type AnchorLevel = AnchorOptions["levels"][number];
export type CoderOptions = DetectorOptions["coder"];
export type MatcherOptions = DetectorOptions["matcher"];
export type LossOptions = DetectorOptions["loss"];
export type PostprocessOptions = DetectorOptions["postprocess"];
