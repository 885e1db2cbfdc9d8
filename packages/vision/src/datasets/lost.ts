import { CROWD, DIFFICULT } from "../sample.js";
import type { FormatName } from "./format-names.js";
import type { RawObject } from "./types.js";
import { allImages, type WrittenDataset, type WrittenImage } from "./writing/index.js";

interface Feature {
  /** how many of them a data set has */
  count(images: readonly WrittenImage[]): number;
  words: string;
  heldBy: readonly FormatName[];
  /** where such boxes are not written at all */
  leftOutOf?: readonly FormatName[];
}

const objectsWith = (has: (object: RawObject) => unknown) => (images: readonly WrittenImage[]) =>
  images.reduce((sum, { objects }) => sum + objects.filter(has).length, 0);

const isDifficult = ({ flags }: RawObject) => (flags & DIFFICULT) !== 0;

/** List files are to train on alone: the tutorial's converter leaves difficult objects out, and so do we. */
const WITHOUT_DIFFICULT: readonly FormatName[] = ["list"];

/** What not every format can hold. */
const FEATURES: readonly Feature[] = [
  { words: "marked as difficult", heldBy: ["voc", "coco"], leftOutOf: WITHOUT_DIFFICULT, count: objectsWith(isDifficult) },
  { words: "marked as crowds", heldBy: ["coco", "openimages"], count: objectsWith(({ flags }) => flags & CROWD) },
  { words: "marked as truncated", heldBy: ["voc", "openimages"], count: objectsWith(({ truncated }) => truncated) },
  { words: "marked as occluded", heldBy: ["voc", "openimages"], count: objectsWith(({ occluded }) => occluded) },
  { words: "drawn as outlines, too", heldBy: ["coco"], count: objectsWith(({ origin }) => origin?.coco?.segmentation) },
];

/** What of a data set is written: where difficult objects are left out, no picture that shows nothing else, as if it were background. */
export function heldIn(dataset: WrittenDataset, format: FormatName): WrittenDataset {
  if (!WITHOUT_DIFFICULT.includes(format)) return dataset;
  const splits = dataset.splits.map(({ images, ...split }) => ({
    ...split,
    images: images
      .filter((image) => !isAllDifficult(image))
      .map((image) => ({ ...image, objects: image.objects.filter((one) => !isDifficult(one)) })),
  }));
  return { ...dataset, splits };
}

const isAllDifficult = ({ objects }: WrittenImage) => objects.length > 0 && objects.every(isDifficult);

/** What the format does not hold of a data set, a sentence each. */
export function lostIn(dataset: WrittenDataset, format: FormatName): string[] {
  const images = allImages(dataset);
  return [...lostMarks(images, format), ...lostPictures(images, format)];
}

function lostMarks(images: readonly WrittenImage[], format: FormatName): string[] {
  return FEATURES.flatMap(({ count, words, heldBy, leftOutOf = [] }) => {
    const number = heldBy.includes(format) ? 0 : count(images);
    const what = leftOutOf.includes(format) ? "left out" : "that is not kept";
    return number > 0 ? [`${number} ${number === 1 ? "box is" : "boxes are"} ${words}: ${what}`] : [];
  });
}

function lostPictures(images: readonly WrittenImage[], format: FormatName): string[] {
  const hidden = WITHOUT_DIFFICULT.includes(format) ? images.filter(isAllDifficult).length : 0;
  const background = images.filter(({ objects }) => objects.length === 0).length;
  const isLost = background > 0 && ["openimages", "folder"].includes(format);
  const [pictures, them] = background === 1 ? ["picture without objects is", "it"] : ["pictures without objects are", "them"];
  return [
    ...(hidden > 0 ? [`${hidden} ${hidden === 1 ? "picture shows" : "pictures show"} nothing but such boxes: left out`] : []),
    ...(isLost ? [`${background} ${pictures} left out: the format cannot hold ${them}`] : []),
  ];
}
