import { InputError } from "@singleshot/vision";
import type { Recipe } from "./schema.js";

export interface Sides {
  /** in pixels */
  shortSide: number;
  /** at most; left out: twice the short one */
  longSide?: number | undefined;
}

/** The last of GluonCV's maps has a cell from here on. */
const LEAST = 257;

/**
 * The recipe with pictures of sizes of their own: the short side so long, the long one at most, the aspect ratio kept. GluonCV looks at
 * single pictures this way (`load_test`: 512 and 1024), whatever size it was trained at: its anchors are in pixels.
 *
 * @throws InputError where the network wants one size for all pictures
 */
export function withSides(recipe: Recipe, { shortSide, longSide = 2 * shortSide }: Sides): Recipe {
  const { network, input } = recipe.detector;
  const { interpolation } = input;
  if (longSide < shortSide)
    throw new InputError(`the long side, ${longSide}, would be shorter than the short one, ${shortSide}`, { file: "--long-side" });
  const sizes = { shortSides: [shortSide], longSide };
  if (input.resize === "sides") return withInput(recipe, { ...input, ...sizes });
  if (network.name === "ssd-vgg16-atrous")
    return withInput(recipe, { resize: "sides", ...sizes, multiple: 1, least: LEAST, ...(interpolation && { interpolation }) });
  throw new InputError(`${network.name} looks at pictures of ${input.width} × ${input.height} pixels alone`, {
    file: "--short-side",
    fix: "leave it out",
  });
}

const withInput = (recipe: Recipe, input: Recipe["detector"]["input"]): Recipe => ({ ...recipe, detector: { ...recipe.detector, input } });
