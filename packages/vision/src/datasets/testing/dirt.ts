import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FormatName } from "../format-names.js";
import { FORMATS } from "../formats.js";
import type { RawObject } from "../types.js";
import type { WrittenDataset, WrittenImage } from "../writing/index.js";
import { jpeg, png, turned } from "./files.js";

type Status = "ok" | "background" | "repaired" | "rejected";

/** A layout that dirty data comes in: a format, and what is done to the files behind its writer. */
export interface Layout {
  name: string;
  format: FormatName;
  /** boxes as width and height: there a swapped corner is a negative side, which is no box */
  hasSides?: boolean;
  /** no size of the picture is written down */
  isSizeless?: boolean;
  /** boxes in fractions of the picture, which hold for any size of it */
  isRelative?: boolean;
  /** a picture without objects cannot be written down */
  needsObjects?: boolean;
  arrange?: (root: string) => void;
}

interface DirtyBox {
  name: string;
  box: RawObject["box"];
  status: Exclude<Status, "background">;
  /** where the format writes sides instead of corners */
  withSides?: Exclude<Status, "background">;
}

interface DirtyPicture {
  id: string;
  content: Uint8Array | string | undefined;
  extension?: string;
  /** as the annotation has it */
  size?: [width: number, height: number];
  boxes: DirtyBox[];
  status: Status;
  /** in a layout that writes no size down */
  withoutSize?: Status;
  /** in a layout of fractions */
  withFractions?: Status;
}

const good: DirtyBox = { name: "cat", box: [10, 20, 30, 40], status: "ok" };
const only = (box: DirtyBox["box"], status: DirtyBox["status"], more: Partial<DirtyBox> = {}): DirtyBox => ({
  name: "cat",
  box,
  status,
  ...more,
});
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="80"/>';

/** Everything that users' data sets are found to hold, picture by picture, and what is to become of it. */
export const DIRT: readonly DirtyPicture[] = [
  { id: "good", content: jpeg, boxes: [good, only([0, 0, 100, 80], "ok", { name: "dog" })], status: "ok" },
  { id: "background", content: jpeg, boxes: [], status: "background" },
  { id: "fractions", content: jpeg, boxes: [only([10.25, 20.125, 30.5, 40.75], "ok")], status: "ok" },
  { id: "no width", content: jpeg, boxes: [good, only([50, 20, 50, 40], "rejected")], status: "repaired" },
  { id: "no height", content: jpeg, boxes: [good, only([50, 20, 60, 20], "rejected")], status: "repaired" },
  { id: "thinner than a float", content: jpeg, boxes: [good, only([50, 20, 50.0000001, 40], "rejected")], status: "repaired" },
  { id: "swapped", content: jpeg, boxes: [good, only([60, 40, 50, 20], "repaired", { withSides: "rejected" })], status: "repaired" },
  {
    id: "over the edge",
    content: jpeg,
    boxes: [only([-5, -5, 30, 40], "repaired"), only([90, 70, 130, 110], "repaired")],
    status: "repaired",
  },
  {
    id: "outside",
    content: jpeg,
    boxes: [good, only([150, 20, 190, 40], "rejected"), only([-50, 20, -10, 40], "rejected")],
    status: "repaired",
  },
  { id: "NaN", content: jpeg, boxes: [good, only([Number.NaN, 20, 30, 40], "rejected")], status: "repaired" },
  { id: "infinite", content: jpeg, boxes: [good, only([10, 20, Number.POSITIVE_INFINITY, 40], "rejected")], status: "repaired" },
  { id: "unknown class", content: jpeg, boxes: [good, only([10, 20, 30, 40], "rejected", { name: "dgo" })], status: "repaired" },
  { id: "loses all", content: jpeg, boxes: [only([50, 20, 50, 40], "rejected"), only([50, 20, 60, 20], "rejected")], status: "rejected" },
  { id: "twice the same box", content: jpeg, boxes: [good, good], status: "ok" },
  { id: "Grüße 中文", content: jpeg, boxes: [good], status: "ok" },
  { id: "upper case", content: jpeg, extension: ".JPG", boxes: [good], status: "ok" },
  { id: "a png", content: png, extension: ".png", boxes: [good], status: "ok" },
  { id: "a png called jpg", content: png, boxes: [good], status: "ok" },
  { id: "missing", content: undefined, boxes: [good], status: "rejected" },
  { id: "empty", content: "", boxes: [good], status: "rejected" },
  { id: "a page of HTML", content: "<!doctype html><title>404</title>", boxes: [good], status: "rejected" },
  { id: "an SVG", content: svg, boxes: [good], status: "rejected" },
  { id: "header alone", content: jpeg.subarray(0, 30), boxes: [good], status: "rejected" },
  { id: "turned", content: turned, boxes: [good], status: "rejected", withoutSize: "ok" },
  {
    id: "other size",
    content: jpeg,
    size: [200, 160],
    boxes: [only([150, 20, 190, 40], "rejected")],
    status: "rejected",
    withFractions: "ok",
  },
];

export const CLASSES = ["cat", "dog"];

/** Writes the dirt in a layout: the format's own writer writes it down, then the pictures are replaced. */
export async function writeDirt(root: string, { format, needsObjects, arrange }: Layout): Promise<void> {
  const pictures = expectedPictures({ format, needsObjects: needsObjects ?? false });
  mkdirSync(join(root, ".pictures"), { recursive: true });
  const images = pictures.map(({ id, extension = ".jpg", size: [width, height] = [100, 80], boxes }): WrittenImage => {
    const imageFile = join(root, ".pictures", id + extension);
    writeFileSync(imageFile, jpeg);
    const objects = boxes.map(({ name, box }, i) => ({ name, box, flags: 0, annotation: i + 1 }));
    return { id, imageFile, width, height, objects };
  });
  const dataset: WrittenDataset = { classes: CLASSES, splits: [{ name: "train", images }] };
  await FORMATS.find(({ name }) => name === format)!.write(root, dataset);
  rmSync(join(root, ".pictures"), { recursive: true });
  const folder = join(root, FOLDERS[format]!);
  for (const { id, content, extension = ".jpg" } of pictures) {
    if (content === undefined) rmSync(join(folder, id + extension));
    else writeFileSync(join(folder, id + extension), content);
  }
  arrange?.(root);
}

const FOLDERS: Partial<Record<FormatName, string>> = {
  voc: "JPEGImages",
  coco: "images",
  openimages: "train",
  yolo: "images/train",
  list: "images",
};

/** What of the dirt a layout can hold. */
export const expectedPictures = ({ needsObjects }: Pick<Layout, "format" | "needsObjects">): DirtyPicture[] =>
  DIRT.filter(({ boxes }) => !needsObjects || boxes.length > 0);
