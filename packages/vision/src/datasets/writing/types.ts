import type { DatasetOrigin, RawImage, RawObject } from "../types.js";

/** One picture as it is written: its size is known, its boxes are in pixels. */
export interface WrittenImage extends Pick<RawImage, "id" | "origin"> {
  imageFile: string;
  width: number;
  height: number;
  objects: RawObject[];
}

export interface WrittenSplit {
  /** undefined for a data set without splits */
  name?: string;
  images: WrittenImage[];
}

/** A data set as it is written: every class and picture has its name, no two pictures share an id. */
export interface WrittenDataset {
  classes: string[];
  splits: WrittenSplit[];
  origin?: DatasetOrigin;
}

/** Writes a data set into an empty folder. */
export type DatasetWriter = (out: string, dataset: WrittenDataset) => Promise<void>;

/** Some picture is in two splits, of `train` and `trainval` for instance: it must lie where both find it. */
export function isOverlapping({ splits }: Pick<WrittenDataset, "splits">): boolean {
  const ids = splits.flatMap(({ images }) => images.map(({ id }) => id));
  return new Set(ids).size < ids.length;
}

/** All pictures once, however many splits they are in. */
export function allImages({ splits }: Pick<WrittenDataset, "splits">): WrittenImage[] {
  return [...new Map(splits.flatMap(({ images }) => images.map((image) => [image.id, image]))).values()];
}
