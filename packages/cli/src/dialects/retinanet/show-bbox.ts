import { openTerminal } from "../../terminal/index.js";
import type { Program, Row } from "../program/index.js";
import { type ListFlags, listRows } from "./list-rows.js";

interface ShowBoxFlags extends ListFlags {
  size: number;
  count: number;
  out: string;
}

const rows: readonly Row<ShowBoxFlags>[] = [
  ...listRows,
  { flags: ["--size"], kind: "integer", default: 257, says: "side of the input in pixels", decides: "--size" },
  { flags: ["--count"], kind: "integer", default: 6, says: "so many pictures", decides: "--count" },
  { flags: ["--out"], kind: "text", default: "show_bbox.png", says: "the sheet that is written", decides: "--out" },
];

export const showBbox: Program<ShowBoxFlags> = {
  name: "show_bbox",
  summary: "draw training pictures with their boxes",
  description:
    "Draw pictures of a list file with their boxes, and beside each what training sees of it, as the tutorial's dataset page does.",
  rows,
  examples: ["retinanet show_bbox --root VOC2012/JPEGImages --list_file data/voc_trainval.txt"],
  run,
};

async function run({ root, listFile, size, count, out }: ShowBoxFlags): Promise<void> {
  const terminal = openTerminal();
  const [{ dataSource, readSplit }, { showDataset, writePicture }, { augmentationPresets }] = await Promise.all([
    import("../../data/index.js"),
    import("@singleshot/vision/node"),
    import("@singleshot/vision"),
  ]);
  const dataset = await readSplit(dataSource({ annotations: listFile, images: root, dataset: "list" }), {}, terminal);
  await writePicture(out, await showDataset(dataset, { count, size, steps: augmentationPresets["retinanet-scratch"] }));
  terminal.say(`written to ${out}`);
}
