import type { BoxArray } from "../boxes/index.js";
import type { Protocol } from "./protocols.js";

/** What is truly in one picture. The arrays have one entry per object. */
export interface GroundTruth {
  /** names the picture */
  image: string | number;
  /** [n, 4] x1, y1, x2, y2 in pixels */
  boxes: BoxArray;
  /** [n] 1-based: `classes[label - 1]` */
  labels: ArrayLike<number>;
  /** [n] sum of `DIFFICULT` and `CROWD`: neither to be found nor wrong when found */
  flags?: ArrayLike<number>;
  /** [n] decides what is small, medium and large; COCO gives the area of the mask. Default: the area of the box */
  areas?: ArrayLike<number>;
  /** [n] width · height as a file of widths and heights has them: x2 - x1 may differ in the last bit */
  boxAreas?: ArrayLike<number>;
  /** [n] the annotations' ids in a COCO file: pycocotools takes a match with the id 0 for none, and so does the evaluation */
  ids?: ArrayLike<number | string>;
}

/** What a detector found in one picture; any order. */
export interface ImageDetections {
  image: string | number;
  /** [n, 4] x1, y1, x2, y2 in pixels */
  boxes: BoxArray;
  /** [n] 1-based */
  labels: ArrayLike<number>;
  /** [n] of equal scores the one listed first comes first */
  scores: ArrayLike<number>;
  /** [n] as in the ground truth */
  boxAreas?: ArrayLike<number>;
}

export interface ClassResult {
  name: string;
  /** null: there is no ground truth to find */
  ap: number | null;
  /** at IoU 0.5 alone, of protocols that have many thresholds */
  ap50?: number | null;
  /** at IoU 0.75 alone; `retinanet` has it */
  ap75?: number | null;
  /** objects that count: neither crowds nor difficult */
  groundTruth: number;
  detections: number;
}

/** The result of `singleshot eval`. */
export interface Evaluation {
  protocol: Protocol;
  /** the mean of `ap` over the classes that have ground truth; null if none has */
  map: number | null;
  /** the mean at IoU 0.5, at 0.75; of protocols that have many thresholds */
  ap50?: number | null;
  ap75?: number | null;
  /** COCO alone, twelve numbers, null where there is nothing to find: AP, AP50, AP75, AP of small, medium, large; AR with 1, 10, 100 detections, AR of small, medium, large */
  coco?: (number | null)[];
  /** of protocols that have one: a detection matches from this IoU on */
  iouThreshold?: number;
  classes: ClassResult[];
  images: number;
}
