import { type Accuracy, type ClassCurve, NO_CLASS } from "@singleshot/vision";
import type { EvaluationPart, ReportData } from "../data.js";
import { lineChart, type Series } from "./line-chart.js";
import { type Content, html } from "./markup.js";
import { decimals, whole } from "./numbers.js";
import { meter, named, table } from "./tables.js";

type Point = readonly [number, number];

const MOST_LINES = 12; // colours that can be told apart

/** How good is each class, and from which score on should one take it? */
export function classes({ evaluation, classes: names }: ReportData, colors: readonly string[]): Content {
  if (!evaluation) return "";
  const drawn = chosen(evaluation.curves);
  const series = (value: (point: Accuracy) => Point) =>
    drawn.map(
      (label): Series => ({ name: names[label]!, color: colors[label]!, points: thinned(evaluation.curves[label]!.points.map(value)) }),
    );
  const byScore = series(({ score, f1 }) => [score, f1]).map((one) => ({ ...one, points: [...one.points].reverse() }));
  const unit = { min: 0, max: 1 };
  return html`<section id="classes"><h2>Class by class</h2>
<div class="card">${classTable(evaluation, colors)}</div>
${drawn.length < names.length && html`<p class="note">The curves are those of the ${MOST_LINES} classes with most objects.</p>`}
<div class="columns">
<div class="card">${lineChart(
    series(({ recall, precision }) => [recall, precision]),
    {
      title: "Precision and recall, IoU 0.5",
      x: { label: "recall: share of the objects that are found", ...unit },
      y: { label: "precision", ...unit },
    },
  )}</div>
<div class="card">${lineChart(byScore, { title: "F1 over the score", x: { label: "detections from this score on are taken", ...unit }, y: { label: "F1", ...unit }, at: { x: evaluation.score, text: `best mean ${decimals(evaluation.score, 2)}` } })}</div>
</div></section>`;
}

/** The classes with most objects, in their order. */
function chosen(curves: readonly ClassCurve[]): number[] {
  const labels = [...curves.keys()].filter((label) => curves[label]!.points.length > 0);
  const most = labels.sort((a, b) => curves[b]!.wanted - curves[a]!.wanted).slice(0, MOST_LINES);
  return most.sort((a, b) => a - b);
}

const NEAR = 0.004; // of the unit square: about a pixel and a half

/** Leaves out points that would fall on the one before them; the last one stays. */
function thinned(points: readonly Point[]): Point[] {
  const kept: Point[] = [];
  points.forEach((point, i) => {
    const last = kept.at(-1);
    const far = !last || Math.abs(point[0] - last[0]) + Math.abs(point[1] - last[1]) >= NEAR;
    if (far || i === points.length - 1) kept.push(point);
  });
  return kept;
}

function classTable({ metrics, curves, atScore, score }: EvaluationPart, colors: readonly string[]): Content {
  const many = metrics.classes.some(({ ap50 }) => ap50 !== undefined); // thresholds
  const rows = metrics.classes.flatMap(({ name, ap, ap50, groundTruth, detections }, label): Content[][] => {
    if (name === NO_CLASS && groundTruth + detections === 0) return [];
    const { best } = curves[label]!;
    const { precision, recall, f1 } = atScore[label]!;
    const known = groundTruth > 0;
    const aps = known
      ? [meter(decimals(ap), ap, colors[label]), ...(many ? [decimals(ap50)] : [])]
      : [html`<em>no objects</em>`, ...(many ? [""] : [])];
    const at = known ? [precision, recall, f1].map((value) => decimals(value, 2)) : ["", "", ""];
    const bestF1 = best ? `${decimals(best.f1, 2)} at ${decimals(best.score, 2)}` : "";
    return [[named(name, colors[label]!), whole(groundTruth), whole(detections), ...aps, ...at, bestF1]];
  });
  const from = decimals(score, 2);
  const head = [
    "class",
    "objects",
    "detections",
    "AP",
    ...(many ? ["AP50"] : []),
    `precision at ${from}`,
    `recall at ${from}`,
    `F1 at ${from}`,
    "best F1, and its score",
  ];
  return table(head, rows, "Class by class");
}
