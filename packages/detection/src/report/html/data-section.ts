import { NO_CLASS } from "@singleshot/vision";
import type { AnchorPart, ReportData } from "../data.js";
import { columnChart } from "./column-chart.js";
import { html, type Markup } from "./markup.js";
import { decimals, percent, whole } from "./numbers.js";
import { markedPicture } from "./pictures.js";
import { meter, named, table } from "./tables.js";

/** What was it trained on? */
export function dataSection({ data, samples, classes, input }: ReportData, colors: readonly string[]): Markup {
  const chart = { names: classes, colors };
  return html`<section id="data"><h2>Data</h2>
<div class="card">${splits(data.splits, classes, colors)}</div>
<div class="columns">
<div class="card">${columnChart(data.sizes, { ...chart, title: "How large the objects are", unit: `side in pixels of the network's input (${input})` })}</div>
<div class="card">${columnChart(data.aspects, { ...chart, title: "Their shapes", unit: "width / height in the pictures" })}</div>
</div>
<h3>As training sees them</h3><p class="note">The first pictures of the first epoch, augmented, at the network's input size.</p>
<div class="shots small">${samples.map((sample, i) => markedPicture(sample, `sample-${i + 1}`, colors))}</div></section>`;
}

function splits(rows: ReportData["data"]["splits"], classes: readonly string[], colors: readonly string[]): Markup {
  const most = rows.map(({ objects }) => Math.max(...objects, 1));
  const counts = classes.flatMap((name, label) => {
    if (name === NO_CLASS && rows.every(({ objects }) => objects[label] === 0)) return [];
    return [
      [
        named(name, colors[label]!),
        ...rows.map(({ objects }, r) => meter(whole(objects[label]!), objects[label]! / most[r]!, colors[label])),
      ],
    ];
  });
  const total = ["objects", ...rows.map(({ objects }) => whole(objects.reduce((sum, count) => sum + count, 0)))];
  const pictures = ["pictures", ...rows.map((row) => whole(row.pictures))];
  const more = [
    ["of them without objects", ...rows.map((row) => whole(row.background))],
    ["boxes left out", ...rows.map((row) => whole(row.leftOut))],
  ];
  return table(["", ...rows.map((row) => row.name)], [pictures, ...more, total, ...counts], "Data");
}

/** What can it find at best? */
export function anchorSection({ anchors, input }: ReportData): Markup {
  const { check, split } = anchors;
  return html`<section id="anchors"><h2>Anchors</h2><div class="card">
<p class="note">${whole(check.anchors)} anchors, on the objects of the split ${split} in the network's input (${input}). An object that no anchor overlaps well is hard to learn and to find: the best possible recall is the share of objects with such an anchor.</p>
${anchorTable(anchors)}${check.remarks.map((remark) => html`<p>${remark}</p>`)}</div></section>`;
}

function anchorTable({ check: { bySize, byClass, all, thresholds }, found }: AnchorPart): Markup {
  const head = [
    "objects by side, px",
    "number",
    ...thresholds.map((threshold) => `best possible recall, IoU ${threshold}`),
    "mean best IoU",
    "found in fact",
  ];
  const row = ({ name, objects, recall, meanIou }: typeof all, inFact: number | null | undefined) => [
    name,
    whole(objects),
    ...recall.map((share) => meter(percent(share), share)),
    decimals(meanIou, 2),
    inFact === undefined ? "" : inFact === null ? "–" : meter(percent(inFact), inFact, "var(--good)"),
  ];
  const sizes = bySize.map((group, i) => row(group, found[i]));
  return table(
    head,
    [...sizes, ...byClass.map((group) => row(group, undefined)), row(all, undefined)],
    "Best possible recall of the anchors",
  );
}
