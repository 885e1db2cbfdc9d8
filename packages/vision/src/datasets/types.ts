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
  /** as the file has it, in pixels where the picture's size is known */
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
  /** one for every picture that was found, in the order of the files */
  details: ImageDetail[];
}

/** What the files of a data set say, before any rule. Readers of all formats give this. */
export interface RawDataset {
  name: string;
  split?: string;
  /** label l will be `classes[l - 1]` */
  classes: string[];
  images: RawImage[];
  /** objects of pictures that are not listed */
  strays?: RawStray[];
  /** about the files as a whole */
  problems?: DatasetProblem[];
  origin?: DatasetOrigin;
}

/** What an annotation file says of one picture. */
export interface RawImage {
  id: string;
  /** the annotation's file, from the data set's folder */
  source: string;
  imageFile?: string;
  /** the picture's size as the annotation has it */
  declared?: { width: number; height: number };
  objects: RawObject[];
  /** the boxes are fractions of the picture's width and height */
  relative?: boolean;
  /** why the picture cannot be used at all */
  fault?: Fault;
  /** remarks that change nothing */
  notes?: Fault[];
  origin?: Origin;
}

export interface RawObject {
  name: string;
  /** x1, y1, x2, y2 in pixels (fractions in a `relative` picture); NaN where there is no number */
  box: [number, number, number, number];
  flags: number;
  line?: number;
  annotation: number | string;
  /** why it cannot be used, when the reader already knows */
  fault?: Fault;
  /** cut off by the picture's edge or by other things */
  truncated?: boolean;
  occluded?: boolean;
  origin?: Origin;
}

export type RawStray = RawObject & { source: string; fault: Fault };

export interface Fault {
  kind: string;
  message: string;
  line?: number;
}

/** An object or a picture as its own format has it, so that it can be written again in that format without loss. */
export interface Origin {
  voc?: XmlNode;
  coco?: Record<string, unknown>;
  openimages?: ReadonlyMap<string, string>;
}

export interface DatasetOrigin {
  /** class name → its category */
  categories?: ReadonlyMap<string, Record<string, unknown>>;
}

/** An element of XML: its own text, trimmed, and its child elements in order. */
export interface XmlNode {
  name: string;
  /** where it opens, from 1 */
  line: number;
  text: string;
  children: XmlNode[];
}
