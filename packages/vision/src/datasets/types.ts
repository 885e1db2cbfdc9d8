import type { Marks } from "../sample.js";

/** One usable picture of a data set. The picture itself is decoded when it is needed. */
export interface DatasetEntry extends Marks {
  id: string;
  imageFile: string;
  /** upright, as decoded */
  width: number;
  height: number;
  /** the annotation's file, from the data set's folder */
  source: string;
}

/** Something that is not as it should be, and what was done about it. The files themselves stay as they are. */
export interface DatasetProblem {
  /** from the data set's folder */
  file: string;
  line?: number;
  /** which object of the file: its number (VOC, from 1) or its id */
  annotation?: number | string;
  /** id of the picture */
  image?: string;
  kind: string;
  action: "repaired" | "rejected" | "fatal" | "note";
  message: string;
}

/** found = ok + background + repaired + rejected */
export interface ImageCounts {
  found: number;
  ok: number;
  /** pictures without objects, meant so */
  background: number;
  repaired: number;
  rejected: number;
}

export type BoxCounts = Omit<ImageCounts, "background">;

/** What became of one picture and each of its boxes. */
export interface ImageDetail {
  image: string;
  status: "ok" | "background" | "repaired" | "rejected";
  reason?: string;
  size?: [width: number, height: number];
  boxes: BoxDetail[];
}

export interface BoxDetail {
  class: string;
  /** as the file has it */
  box: number[];
  status: "ok" | "repaired" | "rejected";
  /** as it is used */
  result?: number[];
  reason?: string;
}

/** A data set that has been read and checked; plain data, nothing decoded. */
export interface Dataset {
  name: string;
  split?: string;
  /** label l is `classes[l - 1]` */
  classes: string[];
  entries: DatasetEntry[];
  problems: DatasetProblem[];
  counts: { images: ImageCounts; boxes: BoxCounts };
  details: ImageDetail[];
}

/** What an annotation file says of one picture, before any rule. Readers of all formats give this. */
export interface RawImage {
  id: string;
  /** the annotation's file, from the data set's folder */
  source: string;
  imageFile?: string;
  /** the picture's size as the annotation has it */
  declared?: { width: number; height: number };
  objects: RawObject[];
  /** why the picture cannot be used at all */
  fault?: Fault;
  /** remarks that change nothing */
  notes?: Fault[];
}

export interface RawObject {
  name: string;
  /** x1, y1, x2, y2 in pixels; NaN where there is no number */
  box: [number, number, number, number];
  flags: number;
  line?: number;
  annotation: number | string;
  /** why it cannot be used, when the reader already knows */
  fault?: Fault;
}

export interface Fault {
  kind: string;
  message: string;
  line?: number;
}
