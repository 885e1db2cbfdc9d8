import { type AugmentationStep, augmentationPresets } from "@singleshot/vision";
import { z } from "zod";
import { natural, positive, unit } from "./primitives.js";

const interval = (numbers: z.ZodType<number> = z.number()) =>
  z
    .tuple([numbers, numbers])
    .readonly()
    .refine(([low, high]) => low <= high, "the lower bound comes first");
const notNegative = z.number().min(0);
const sides = interval(positive);
const share = interval(positive.max(1));
const color = z.tuple([z.number(), z.number(), z.number()]).readonly(); // red, green, blue from 0 to 255
const some = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).readonly();

type StepName = AugmentationStep["step"];
type Step<Name extends StepName> = Required<Extract<AugmentationStep, { step: Name }>>;
/** A schema for each option of a step: one more, one less or one of another type is an error of the compiler. */
type OptionsOf<Name extends StepName> = { [Option in Exclude<keyof Step<Name>, "step">]: z.ZodType<Step<Name>[Option]> };

const changes = { contrast: interval(notNegative), saturation: interval(notNegative), hue: interval(), p: unit, pChannels: unit };

/** The options of every step; what each means, and is when left out, stands beside its code in vision/transforms/steps. */
const steps = {
  photometric: { brightness: interval(notNegative), ...changes },
  "float-photometric": {
    ...{ brightness: interval(), ...changes },
    space: z.enum(["hsv", "yiq"]),
    hueUnit: z.enum(["degrees", "half-turns"]),
  },
  "hsv-jitter": { hue: unit, saturation: unit, value: unit },
  "zoom-out": { range: interval(positive.min(1)), fill: color, p: unit, places: z.enum(["whole", "inclusive", "fractional"]) },
  "scale-jitter": { range: sides, fill: color, p: unit },
  "scale-and-place": { scale: share, fill: color, p: unit },
  affine: { scale: sides, degrees: notNegative, flip: unit, fill: color, reference: z.boolean() },
  "iou-crop": { minIous: some(unit), scale: share, aspect: sides, trials: natural },
  "sample-crop": {},
  "constrained-crop": {
    objects: z.enum(["all", "some"]),
    ...{ minIous: some(unit), scale: share, maxAspect: positive.min(1), trials: natural },
  },
  "area-crop": { area: share, aspect: sides, trials: natural, reference: z.boolean() },
  "center-crop": { side: natural, reference: z.boolean() },
  "large-scale-jitter": { side: natural, range: sides, corner: z.enum(["anywhere", "diagonal"]), fill: color },
  "short-side": { sides: some(natural), longest: natural, rounding: z.enum(["down", "nearest"]) },
  interpolation: { kinds: some(z.enum(["nearest", "bilinear", "bicubic", "area", "lanczos", "antialias", "auto"])) },
  flip: { p: unit },
  "flip-vertical": { p: unit },
  rotate: { p: unit },
  "small-boxes": { side: notNegative, area: notNegative },
} satisfies { [Name in StepName]: OptionsOf<Name> };

type Steps = typeof steps;
/** A step as the schema lets it through. */
type Checked = { [Name in StepName]: { step: Name } & { [Option in keyof Steps[Name]]?: z.output<Steps[Name][Option]> } }[StepName];

const rowOf = ([step, options]: [string, Record<string, z.ZodType>]) =>
  z.strictObject({
    step: z.literal(step),
    ...Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.exactOptional()])),
  });

const NO_MASKS = "copy-paste needs the objects' masks, and data sets here have boxes: leave it out";

const augmentationStep = z.discriminatedUnion("step", Object.entries(steps).map(rowOf) as [ReturnType<typeof rowOf>], {
  error: ({ input }) => ((input as { step?: unknown } | undefined)?.step === "copy-paste" ? NO_MASKS : undefined),
}) as unknown as z.ZodType<Checked, Checked>;

type Preset = keyof typeof augmentationPresets;

/** A preset's name, or its steps. */
export const augmentationSchema = z.union([
  z.enum(Object.keys(augmentationPresets) as [Preset, ...Preset[]]),
  z.array(augmentationStep).readonly(),
]);
