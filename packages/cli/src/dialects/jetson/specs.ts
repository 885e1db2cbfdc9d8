import type { Recipe } from "@singleshot/detection/recipes";
import { pythonFloat } from "../program/index.js";

const BY_HAND = 300; // the resolution whose priors are written down in whole numbers

/** What `set_image_size` says of mb1-ssd's priors; of the other networks it says nothing. */
export function specLines({ network, input, anchors }: Recipe["detector"]): string[] {
  if (network.name !== "mb1-ssd" || input.resize !== "stretch") return [];
  const side = input.width;
  const maps = mapSides(side, anchors.levels.length);
  const size = (share: number) =>
    side === BY_HAND ? String(Math.round(share * side)) : pythonFloat(Number((share * side).toPrecision(12)));
  const specs = anchors.levels.flatMap((level, k) => {
    if (!("scale" in level)) return [];
    const { scale, nextScale, ratios, step } = level;
    const shrinkage = typeof step === "number" ? step : Math.ceil(side / maps[k]!);
    const sizes = `SSDBoxSizes(min=${size(scale)}, max=${size(nextScale)})`;
    return [`SSDSpec(feature_map_size=${maps[k]}, shrinkage=${shrinkage}, box_sizes=${sizes}, aspect_ratios=[${ratios.join(", ")}])`];
  });
  return [`model resolution ${side}x${side}`, ...specs];
}

/** The first map has stride 16, every next half the cells. */
function mapSides(side: number, count: number): number[] {
  const sides = [Math.ceil(side / 16)];
  while (sides.length < count) sides.push(Math.ceil(sides.at(-1)! / 2));
  return sides;
}
