import type { ReportData } from "../data.js";
import { type Content, html, type Markup } from "./markup.js";
import { decimals, percent, whole } from "./numbers.js";
import { meter } from "./tables.js";
import { verdict } from "./verdict.js";

/** Is it good? */
export function glance(data: ReportData): Markup {
  return html`<section id="glance"><h2>At a glance</h2>
${tiles(data)}<ul class="verdict">${verdict(data).map((sentence) => html`<li>${sentence}</li>`)}</ul></section>`;
}

const PROTOCOLS: Readonly<Record<string, string>> = {
  coco: "COCO, mean over IoU 0.50 to 0.95",
  voc07: "Pascal VOC 2007, IoU 0.5",
  voc: "Pascal VOC, IoU 0.5",
};

function tiles({ evaluation }: ReportData): Content {
  if (!evaluation) return "";
  const { metrics, totals, score, split } = evaluation;
  const [recall, precision] = [totals.found / totals.objects, totals.right / totals.answers];
  return html`<div class="tiles">
${tile("mAP", decimals(metrics.map), metrics.map, PROTOCOLS[metrics.protocol] ?? metrics.protocol)}
${metrics.ap50 !== undefined && tile("AP50", decimals(metrics.ap50), metrics.ap50, "at IoU 0.5 alone")}
${tile("finds (recall)", percent(recall), recall, `${whole(totals.found)} of ${whole(totals.objects)} objects`)}
${tile("is right (precision)", percent(precision), precision, `${whole(totals.right)} of ${whole(totals.answers)} answers`)}
</div>
<p class="note">On ${whole(metrics.images)} pictures of the split ${split}, with the weights ${evaluation.weights}. What it finds and where it is right: detections from the score ${decimals(score, 2)} on, the point of best mean F1, that overlap their object by half or more.</p>`;
}

function tile(name: string, value: string, share: number | null | undefined, note: string): Markup {
  return html`<div class="tile"><h3>${name}</h3>${meter(html`<b>${value}</b>`, share)}<p>${note}</p></div>`;
}
