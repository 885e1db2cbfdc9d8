import { words } from "../../options/index.js";
import { openTerminal } from "../../terminal/index.js";
import type { Program, Row } from "../program/index.js";

interface SubsetFlags {
  root: string;
  outDir: string;
  splits: string;
  classNames?: string;
  classIds?: string;
  minBoxArea: number;
  skipCrowd: boolean;
}

const rows: readonly Row<SubsetFlags>[] = [
  { flags: ["--root"], kind: "text", default: "data/coco2017", says: "the data set's folder", decides: "--data" },
  { flags: ["--out-dir"], kind: "text", default: "data/coco2017_det", says: "a new folder", decides: "--out" },
  { flags: ["--splits"], kind: "text", default: "train,val", says: "which splits, commas between them", decides: "--splits" },
  { flags: ["--class-names"], kind: "text", says: "which classes, commas between them; without it all", decides: "--class-names" },
  { flags: ["--class-ids"], kind: "text", says: "the same by COCO's ids", decides: "--class-ids" },
  { flags: ["--min-box-area"], kind: "number", default: 16, says: "smaller boxes are left out, in pixels", decides: "--min-box-area" },
  {
    flags: ["--skip-crowd"],
    kind: "switch",
    says: "leave out boxes around many objects; else they stay marked as such",
    decides: "--skip-crowd",
  },
  { flags: ["--verbose"], kind: "switch", says: "say more", ignored: "what was written and left out is always said" },
];

export const makeCoco2017ForSsdlite: Program<SubsetFlags> = {
  name: "make_coco2017_for_ssdlite",
  summary: "take some classes out of COCO",
  description:
    "Take some classes, and the pictures that show them, out of COCO, as MobileSparrow's make_coco2017_for_ssdlite.py does. All splits number the classes alike.",
  rows,
  examples: ["sparrow make_coco2017_for_ssdlite --root data/coco2017 --out-dir data/coco2017_ssdlite --class-names person --skip-crowd"],
  run,
};

async function run({ root, outDir, splits, classNames, classIds, minBoxArea, skipCrowd }: SubsetFlags): Promise<void> {
  const terminal = openTerminal();
  const [{ convert, dataSource }, { findSplit, splitsOfPlaces, subsetOf }] = await Promise.all([
    import("../../data/index.js"),
    import("@singleshot/vision/node"),
  ]);
  const flags = { data: [root], dataset: "coco" as const };
  const there = splitsOfPlaces(dataSource(flags).places);
  const chosen = words(splits).map((name) => findSplit(there, name) ?? name);
  const selection = {
    ...(classNames && { classes: words(classNames) }),
    classIds: words(classIds ?? "").map(Number),
    minBoxArea,
    skipCrowd,
  };
  await convert(flags, { out: outDir, to: "coco", splits: chosen, change: (dataset) => subsetOf(dataset, selection) }, terminal);
}
