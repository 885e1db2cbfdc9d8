import type { Draw } from "../random.js";
import type { Sample } from "../sample.js";
import type { InputOptions, Placement } from "./fit.js";
import { renderSample } from "./render.js";
import {
  type ChanceOptions,
  type IouCropOptions,
  iouCrop,
  type PhotometricOptions,
  photometric,
  randomFlip,
  randomFlipVertical,
  randomRotate,
  type ScaleJitterOptions,
  scaleJitter,
  type ZoomOutOptions,
  zoomOut,
} from "./steps.js";
import { type View, viewOf } from "./view.js";

/** One step of an augmentation, as a recipe writes it. */
export type AugmentationStep =
  | ({ step: "photometric" } & PhotometricOptions)
  | ({ step: "zoom-out" } & ZoomOutOptions)
  | ({ step: "iou-crop" } & IouCropOptions)
  | ({ step: "scale-jitter" } & ScaleJitterOptions)
  | ({ step: "flip" | "flip-vertical" | "rotate" } & ChanceOptions);

/** What carries a step out. A new step is a row here and a member of `AugmentationStep`. */
export const augmentationSteps: { [Name in AugmentationStep["step"]]: (view: View, draw: Draw, options?: object) => View } = {
  photometric,
  "zoom-out": zoomOut,
  "iou-crop": iouCrop,
  "scale-jitter": scaleJitter,
  flip: randomFlip,
  "flip-vertical": randomFlipVertical,
  rotate: randomRotate,
};

/** The presets of torchvision's detection reference, and one for pictures that have no upper side. */
export const augmentationPresets = {
  eval: [],
  hflip: [{ step: "flip" }],
  ssd: [{ step: "photometric" }, { step: "zoom-out" }, { step: "iou-crop" }, { step: "flip" }],
  ssdlite: [{ step: "iou-crop" }, { step: "flip" }],
  microscope: [{ step: "photometric", hue: [-0.02, 0.02] }, { step: "scale-jitter" }, { step: "flip" }, { step: "rotate" }],
} satisfies Record<string, AugmentationStep[]>;

/** Decides what will be seen of a sample: all random numbers are drawn here, no pixel is touched. */
export function planAugmentation(sample: Sample, steps: readonly AugmentationStep[], draw: Draw): View {
  return steps.reduce((view, { step, ...options }) => augmentationSteps[step](view, draw, options), viewOf(sample));
}

/**
 * A sample augmented and laid into the network's input. Depends on its arguments only: `randomOf(seed, epoch, index)` makes it the
 * same in every worker. The given sample is not changed.
 *
 * @param out [height, width, 3] where the pixels go, a place in a batch for instance; a new array when left out
 */
export function augment(
  sample: Sample,
  steps: readonly AugmentationStep[],
  draw: Draw,
  input: InputOptions,
  out?: Uint8Array,
): { sample: Sample; placement: Placement } {
  return renderSample(sample, planAugmentation(sample, steps, draw), input, draw, out);
}
