import { openTerminal } from "../../terminal/index.js";
import type { Program, Row } from "../program/index.js";
import { requireSize } from "./train.js";

interface AnchorFlags {
  size: number;
  out: string;
}

const rows: readonly Row<AnchorFlags>[] = [
  { flags: ["--size"], kind: "integer", default: 257, says: "side of the input in pixels, 32 k + 1", decides: "detector.input" },
  { flags: ["--out"], kind: "text", default: "anchors.png", says: "the picture that is written", decides: "--out" },
];

export const anchors: Program<AnchorFlags> = {
  name: "anchors",
  summary: "draw the anchors",
  description:
    "Say how many anchors an input has, list the first ones, and draw those of every level, as the tutorial's anchors page does.",
  rows,
  examples: ["retinanet anchors --size 257"],
  run,
};

async function run({ size, out }: AnchorFlags): Promise<void> {
  requireSize(size);
  const { say } = openTerminal();
  const [{ openAnchors }, { anchorSheet, canvasFor, mapAnchors }, { writePicture }] = await Promise.all([
    import("../../anchors/index.js"),
    import("@singleshot/detection"),
    import("@singleshot/vision/node"),
  ]);
  const { recipe, gridsFor } = await openAnchors("retinanet-scratch", {
    set: [`detector.input.width=${size}`, `detector.input.height=${size}`],
  });
  const picture = { data: new Uint8Array(3 * size * size).fill(128), width: size, height: size };
  const canvas = canvasFor(picture, recipe.detector.input);
  const maps = mapAnchors(recipe.detector.anchors, gridsFor, canvas);
  for (const [level, { grid, perCell }] of maps.entries())
    say(`P${level + 3}: ${grid.height} x ${grid.width} cells, ${grid.height * grid.width * perCell} anchors`);
  say(`together ${maps.reduce((sum, { anchors }) => sum + anchors.length / 4, 0)}; the first of them as y1, x1, y2, x2:`);
  for (const [x1, y1, x2, y2] of firstOf(maps[0]!)) say(`  ${[y1, x1, y2, x2].map((value) => value!.toFixed(1)).join(", ")}`);
  await writePicture(out, await anchorSheet(picture, maps, canvas));
  say(`written to ${out}`);
}

/** Of one cell. */
const firstOf = ({ anchors, perCell }: { anchors: ArrayLike<number>; perCell: number }) =>
  Array.from({ length: perCell }, (_, i) => Array.from(anchors).slice(4 * i, 4 * i + 4));
