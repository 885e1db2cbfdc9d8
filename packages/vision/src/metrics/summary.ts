import { NO_CLASS } from "../sample.js";
import { PROTOCOLS } from "./protocols.js";
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
  const measure = [PROTOCOLS[protocol].title, iouThreshold !== undefined && `IoU ${iouThreshold}`].filter(Boolean).join(", ");
  return `${measure}; ${images} ${images === 1 ? "picture" : "pictures"}`;
}

const PRECISIONS = ["ap", "ap50", "ap75"] as const;

function classRows({ classes, map, ap50, ap75 }: Evaluation): Cell[][] {
  const listed = PRECISIONS.filter((key) => key === "ap" || classes.some((one) => one[key] !== undefined));
  const row = (one: ClassResult) => {
    const numbers = one.ap === null ? [{ remark: "no ground truth" }] : listed.map((key) => decimals(one[key]!));
    return [one.name.replace(/\p{Cc}/gu, " "), String(one.groundTruth), String(one.detections), ...numbers];
  };
  const total = (count: "groundTruth" | "detections") => classes.reduce((all, one) => all + one[count], 0);
  const mean = {
    name: "mean",
    ap: map,
    ap50: ap50 ?? null,
    ap75: ap75 ?? null,
    groundTruth: total("groundTruth"),
    detections: total("detections"),
  };
  return [
    ["class", "ground truth", "detections", ...listed.map((key) => key.toUpperCase())],
    ...classes.filter(isThere).map(row),
    row(mean),
  ];
}

const isThere = ({ name, groundTruth, detections }: ClassResult) => name !== NO_CLASS || groundTruth + detections > 0;

function cocoRows(twelve: readonly (number | null)[]): string[][] {
  const cells = twelve.map((number) => (number === null ? "no objects" : decimals(number)));
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
