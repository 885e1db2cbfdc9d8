import type { Draw } from "../random.js";
import type { Sample } from "../sample.js";
import type { InputOptions, Placement } from "./fit.js";
import { renderSample } from "./render.js";
import * as steps from "./steps/index.js";
import { type View, viewOf } from "./view.js";

/** What carries a step out, by the name that recipes use. A new step is a row here. */
export const augmentationSteps = {
  photometric: steps.photometric,
  "float-photometric": steps.floatPhotometric,
  "hsv-jitter": steps.hsvJitter,
  "zoom-out": steps.zoomOut,
  "scale-jitter": steps.scaleJitter,
  "scale-and-place": steps.scaleAndPlace,
  affine: steps.affine,
  "iou-crop": steps.iouCrop,
  "sample-crop": steps.sampleCrop,
  "constrained-crop": steps.constrainedCrop,
  "area-crop": steps.areaCrop,
  "center-crop": steps.centerCrop,
  "large-scale-jitter": steps.largeScaleJitter,
  "short-side": steps.shortSide,
  interpolation: steps.interpolation,
  flip: steps.randomFlip,
  "flip-vertical": steps.randomFlipVertical,
  rotate: steps.randomRotate,
  "small-boxes": steps.smallBoxes,
};

type StepName = keyof typeof augmentationSteps;
type OptionsOf<Step> = Step extends (view: View, draw: Draw, options?: infer Options) => View ? Options : never;

/** One step of an augmentation, as a recipe writes it. */
export type AugmentationStep = { [Name in StepName]: { step: Name } & OptionsOf<(typeof augmentationSteps)[Name]> }[StepName];

/** Decides what will be seen of a sample: all random numbers are drawn here, no pixel is touched. */
export function planAugmentation(sample: Parameters<typeof viewOf>[0], plan: readonly AugmentationStep[], draw: Draw): View {
  return plan.reduce((view, { step, ...options }) => (augmentationSteps[step] as Carry)(view, draw, options), viewOf(sample));
}

type Carry = (view: View, draw: Draw, options: object) => View;

/** What is done with a picture from which nothing is learned. */
export const evaluationPlan = ({ interpolation }: InputOptions): AugmentationStep[] =>
  interpolation === undefined ? [] : [{ step: "interpolation", kinds: [interpolation] }];

/**
 * A sample augmented and laid into the network's input. Depends on its arguments only: `randomOf(seed, epoch, index)` makes it the
 * same in every worker. The given sample is not changed.
 *
 * @param out [height, width, 3] where the pixels go, a place in a batch for instance; a new array when left out
 */
export function augment(
  sample: Sample,
  plan: readonly AugmentationStep[],
  draw: Draw,
  input: InputOptions,
  out?: Uint8Array,
): { sample: Sample; placement: Placement } {
  return renderSample(sample, planAugmentation(sample, plan, draw), input, draw, out);
}
