import type { LoadOptions } from "@singleshot/detection";
import { recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { readClassList } from "@singleshot/vision/node";

/** Pascal VOC's 20. */
export const VOC_CLASSES = [
  ...["aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog", "horse", "motorbike"],
  ...["person", "pottedplant", "sheep", "sofa", "train", "tvmonitor"],
];

interface Foreign {
  recipe: string;
  /** Errors of the original, which its weights were trained with, put back. */
  reference?: boolean;
  /** A file that lists the classes, one a line. */
  labels: string | undefined;
  /** Where there is none. */
  classes: readonly string[];
}

/** What made a file of an original, which holds nothing but weights. @throws InputError where `labels` is no list of classes */
export function foreign({ recipe, reference = false, labels, classes }: Foreign): NonNullable<LoadOptions["otherwise"]> {
  return { recipe: resolveRecipe(recipes.get(recipe), { reference }), classes: labels === undefined ? classes : readClassList(labels) };
}
