import { CROWD, DIFFICULT } from "../sample.js";
import type { FormatName } from "./format-names.js";
import type { RawObject } from "./types.js";
import { allImages, type WrittenDataset, type WrittenImage } from "./writing/index.js";

interface Feature {
  /** how many of them a data set has */
  count(images: readonly WrittenImage[]): number;
  words: string;
  heldBy: readonly FormatName[];
}

const objectsWith = (has: (object: RawObject) => unknown) => (images: readonly WrittenImage[]) =>
  images.reduce((sum, { objects }) => sum + objects.filter(has).length, 0);

/** What not every format can hold. */
const FEATURES: readonly Feature[] = [
  { words: "marked as difficult", heldBy: ["voc", "coco"], count: objectsWith(({ flags }) => flags & DIFFICULT) },
  { words: "marked as crowds", heldBy: ["coco", "openimages"], count: objectsWith(({ flags }) => flags & CROWD) },
  { words: "marked as truncated", heldBy: ["voc", "openimages"], count: objectsWith(({ truncated }) => truncated) },
  { words: "marked as occluded", heldBy: ["voc", "openimages"], count: objectsWith(({ occluded }) => occluded) },
  { words: "drawn as outlines, too", heldBy: ["coco"], count: objectsWith(({ origin }) => origin?.coco?.segmentation) },
];

/** What the format cannot hold of a data set, a sentence each. */
export function lostIn(dataset: WrittenDataset, format: FormatName): string[] {
  const images = allImages(dataset);
  const marks = FEATURES.flatMap(({ count, words, heldBy }) => {
    const number = heldBy.includes(format) ? 0 : count(images);
    return number > 0 ? [`${number} ${number === 1 ? "box is" : "boxes are"} ${words}: that is not kept`] : [];
  });
  const background = images.filter(({ objects }) => objects.length === 0).length;
  const isLost = background > 0 && ["openimages", "folder"].includes(format);
  const [pictures, them] = background === 1 ? ["picture without objects is", "it"] : ["pictures without objects are", "them"];
  return [...marks, ...(isLost ? [`${background} ${pictures} left out: the format cannot hold ${them}`] : [])];
}
