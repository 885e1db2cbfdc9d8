import type { RecipeInput } from "@singleshot/detection/recipes";

type Detector = RecipeInput["detector"];

const MULTISCALE = { shortSides: Array.from({ length: 11 }, (_, k) => 480 + 32 * k), longSide: 1333 };
const LARGE = { shortSides: [1024], longSide: 1024 };
const ONE = { shortSides: [800] };

/**
 * The detector with the sizes that it trains at. train.py tells detectors not to resize what `multiscale` and `lsj` have resized
 * (`_skip_resize`), whatever size that is; all else, and every evaluation, has the detector's own.
 */
export function withSizes(detector: Detector, augmentation: string): Detector {
  const { input } = detector;
  const multiple = input.resize === "sides" ? input.multiple : 1; // pictures of several sizes: padded to it
  const own = input.resize === "sides" ? { ...input, ...ONE } : input;
  switch (augmentation) {
    case "lsj":
      return { ...detector, input: own, trainingInput: { resize: "sides", ...LARGE, multiple } };
    case "multiscale":
      if (input.resize === "sides") return { ...detector, input: { ...input, ...MULTISCALE } };
      return { ...detector, input: own, trainingInput: { resize: "sides", ...MULTISCALE, multiple } };
    default:
      return { ...detector, input: own };
  }
}
