import { VOC_CONVENTIONS } from "./voc.js";
import type { VocConvention } from "./voc-match.js";

/** One of Pascal VOC's family: how the precision-recall curve becomes a number, and how boxes are compared. */
export interface VocProtocol {
  metric: "area" | "11-point";
  convention: VocConvention;
  /** many: the mean over IoU 0.50 to 0.95 */
  thresholds: "one" | "many";
}

export interface ProtocolRow {
  /** heads the result */
  title: string;
  /** for the help */
  says: string;
  /** left out: COCO's own */
  voc?: VocProtocol;
}

const { gluoncv, jetson } = VOC_CONVENTIONS;

/** The ways of counting. In each of them difficult objects and crowds are neither to be found nor wrong when found. */
export const PROTOCOLS = {
  coco: {
    title: "COCO: average precision over IoU 0.50 to 0.95",
    says: "COCO's twelve numbers, as pycocotools: mean over IoU 0.50 to 0.95",
  },
  voc07: {
    title: "Pascal VOC 2007: average precision at 11 points",
    says: "Pascal VOC 2007, as its development kit and GluonCV: 11 points, IoU ≥ 0.5, x2 inside",
    voc: { metric: "11-point", convention: gluoncv, thresholds: "one" },
  },
  voc: {
    title: "Pascal VOC: average precision as the area under the curve",
    says: "Pascal VOC 2010 and later, and GluonCV: area under the curve, else the same",
    voc: { metric: "area", convention: gluoncv, thresholds: "one" },
  },
  "jetson-voc07": {
    title: "Pascal VOC 2007 as in pytorch-ssd: average precision at 11 points",
    says: "pytorch-ssd's eval_ssd.py: 11 points, IoU > 0.5, x2 outside",
    voc: { metric: "11-point", convention: jetson, thresholds: "one" },
  },
  "jetson-voc": {
    title: "Pascal VOC as in pytorch-ssd: average precision as the area under the curve",
    says: "the same with --use_2007_metric=false: area under the curve",
    voc: { metric: "area", convention: jetson, thresholds: "one" },
  },
  retinanet: {
    title: "Pascal VOC over IoU 0.50 to 0.95, as in the RetinaNet tutorial: average precision as the area under the curve",
    says: "the RetinaNet tutorial's: voc, mean over IoU 0.50 to 0.95; its AP50 is voc's",
    voc: { metric: "area", convention: gluoncv, thresholds: "many" },
  },
} as const satisfies Record<string, ProtocolRow>;

export type Protocol = keyof typeof PROTOCOLS;
