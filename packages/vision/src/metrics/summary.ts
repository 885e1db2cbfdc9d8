import { type Cell, table } from "./table.js";
import type { ClassResult, Evaluation } from "./types.js";

/**
 * An evaluation as plain text: a line for each class, their mean, and for COCO the twelve numbers. No newline at the end.
 *
 *     class  ground truth  detections     AP   AP50
 *     cat              52          88  0.412  0.731
 *     owl               0           3  no ground truth
 *     mean             52          91  0.412  0.731
 */
export function summary(evaluation: Evaluation): string {
  const blocks = [heading(evaluation), table(classRows(evaluation)), evaluation.coco && table(cocoRows(evaluation.coco))];
  return blocks.filter(Boolean).join("\n\n");
}

function heading({ protocol, iouThreshold, images }: Evaluation): string {
  const measure = {
    coco: "COCO: average precision over IoU 0.50 to 0.95",
    voc07: `Pascal VOC 2007: average precision at 11 points, IoU ${iouThreshold}`,
    voc: `Pascal VOC: average precision as the area under the curve, IoU ${iouThreshold}`,
  };
  return `${measure[protocol]}; ${images} ${images === 1 ? "picture" : "pictures"}`;
}

function classRows({ protocol, classes, map, ap50 }: Evaluation): Cell[][] {
  const precisions = protocol === "coco" ? ["AP", "AP50"] : ["AP"];
  const row = ({ name, groundTruth, detections, ap, ap50 }: ClassResult) => {
    const numbers = ap === null ? [{ remark: "no ground truth" }] : [ap, ap50 ?? ap].slice(0, precisions.length).map(decimals);
    return [name.replace(/\p{Cc}/gu, " "), String(groundTruth), String(detections), ...numbers];
  };
  const total = (count: "groundTruth" | "detections") => classes.reduce((all, one) => all + one[count], 0);
  const mean = { name: "mean", ap: map, ap50: ap50 ?? null, groundTruth: total("groundTruth"), detections: total("detections") };
  return [["class", "ground truth", "detections", ...precisions], ...classes.map(row), row(mean)];
}

function cocoRows(twelve: readonly number[]): string[][] {
  const cells = twelve.map((number) => (number === -1 ? "no objects" : decimals(number)));
  const [ap, ap50, ap75, ...rest] = cells;
  const [small, medium, large, ar1, ar10, ar100, ...arBySize] = rest;
  const rows = [
    ["", "all", "small", "medium", "large"],
    ["AP", ap, small, medium, large],
    ["AP50", ap50, "", "", ""],
    ["AP75", ap75, "", "", ""],
    ["recall, 1 detection a picture", ar1, "", "", ""],
    ["recall, 10 detections", ar10, "", "", ""],
    ["recall, 100 detections", ar100, ...arBySize],
  ];
  return rows as string[][]; // there are twelve
}

const decimals = (number: number) => number.toFixed(3);
