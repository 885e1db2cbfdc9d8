/** A picture as rows of pixels, three bytes each: red, green, blue. */
export interface Picture {
  /** [height, width, 3], row-major */
  data: Uint8Array;
  width: number;
  height: number;
}

/** What is marked in a picture. All arrays have one entry per object. */
export interface Marks {
  /** [n, 4] x1, y1, x2, y2 in pixels of the picture, 0 at its left and upper edge */
  boxes: Float32Array;
  /** [n] 1-based: `classes[label - 1]`; 0 is background and does not occur here */
  labels: Int32Array;
  /** [n] sum of `DIFFICULT` and `CROWD` */
  flags: Uint8Array;
}

/** One picture with its ground truth, as it travels from the data set to the batch. */
export interface Sample extends Marks {
  image: Picture;
  /** names the picture in its data set */
  id: string;
  /** the picture's file, for messages */
  source: string;
}

/** What a detector found in one picture, best first. */
export interface Detections {
  /** [K, 4] x1, y1, x2, y2 in pixels of the picture */
  boxes: Float32Array;
  /** [K] 1-based */
  labels: Int32Array;
  /** [K] in [0, 1] */
  scores: Float32Array;
}

/** Hard to recognise (Pascal VOC): evaluation neither asks for it nor punishes it. */
export const DIFFICULT = 1;

/** A box around many objects (COCO `iscrowd`): not trained on; what is found in it is not counted as wrong. */
export const CROWD = 2;

/** What a list of classes has for a label that names nothing: COCO never used ten of its category ids. */
export const NO_CLASS = "N/A";
