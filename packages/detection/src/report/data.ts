import type { Accuracy, ClassCurve, Evaluation, Histogram, MistakeKind } from "@singleshot/vision";
import type { EmbeddedPicture } from "@singleshot/vision/node";
import type { AnchorCheck } from "../anchors/index.js";
import type { RunMetrics } from "./metrics-file.js";

/** All that a report shows, as plain data. */
export interface ReportData {
  /** the run directory's name */
  name: string;
  recipe: { name: string; description: string; text: string };
  classes: readonly string[];
  /** how large pictures are in it, in words */
  input: string;
  metrics: RunMetrics;
  /** undefined: there is no split to evaluate on */
  evaluation: EvaluationPart | undefined;
  worst: WorstGroup[];
  samples: MarkedPicture[];
  data: DataPart;
  anchors: AnchorPart;
  environment: [name: string, value: string][];
}

export interface EvaluationPart {
  split: string;
  /** file name of the weights */
  weights: string;
  metrics: Evaluation;
  curves: ClassCurve[];
  /** detections from this score on are taken where one has to decide */
  score: number;
  /** each class at that score */
  atScore: Accuracy[];
  /** over all classes at that score */
  totals: { objects: number; found: number; answers: number; right: number };
  /** [C][C + 1] what the objects of a class were taken for; missed in the last column */
  confusion: number[][];
  /** [C] detections of a class where nothing of the kind is */
  falseAlarms: number[];
  /** the kinds of TIDE: how many at that score, and what all of the kind cost in AP50 */
  mistakes: { kind: MistakeKind; count: number; cost: number }[];
}

/** Pictures of one kind of mistakes, the worst first. */
export interface WorstGroup {
  kind: "missed" | "false-alarm" | "misplaced" | "misnamed";
  pictures: MarkedPicture[];
}

/** A picture with boxes over it. */
export interface MarkedPicture {
  picture: EmbeddedPicture;
  title: string;
  marks: Mark[];
}

export interface Mark {
  /** x1, y1, x2, y2 as shares of the picture's width and height */
  box: [number, number, number, number];
  role: "right" | "missed" | "wrong" | "truth" | "sample";
  /** of the class, 1-based */
  label: number;
  text: string;
  /** what is told of it when it is pointed at */
  note?: string;
  /** the text stands on the picture */
  tagged: boolean;
}

export interface DataPart {
  splits: { name: string; pictures: number; background: number; leftOut: number /** [C] */; objects: number[] }[];
  /** of what is trained on: sides in pixels of the network's input */
  sizes: Histogram;
  /** width over height in the pictures */
  aspects: Histogram;
}

export interface AnchorPart {
  check: AnchorCheck;
  split: string;
  /** share of the objects of each size that the detector found at the report's score, in the order of `check.bySize`; null: not known */
  found: (number | null)[];
}
