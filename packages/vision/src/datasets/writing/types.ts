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

/** All pictures once, however many splits they are in. */
export function allImages({ splits }: Pick<WrittenDataset, "splits">): WrittenImage[] {
  return [...new Map(splits.flatMap(({ images }) => images.map((image) => [image.id, image]))).values()];
}
