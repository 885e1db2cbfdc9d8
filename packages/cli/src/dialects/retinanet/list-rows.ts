import type { Row } from "../program/index.js";

/** The tutorial's own data set: a folder of pictures, and a file with a line for each. */
export interface ListFlags {
  root: string;
  listFile: string;
}

export const listRows: readonly Row<ListFlags>[] = [
  { flags: ["--root"], kind: "text", default: "VOC2012/JPEGImages", says: "the folder of the pictures", decides: "--images" },
  {
    flags: ["--list-file", "--list_file"],
    kind: "text",
    default: "data/voc_trainval.txt",
    says: "lines of name y1 x1 y2 x2 class",
    decides: "--annotations",
  },
];
