import type { EvaluationPart, ReportData } from "../data.js";
import { type Content, html, type Markup } from "./markup.js";
import { decimals, percent, whole } from "./numbers.js";
import { markedPicture } from "./pictures.js";
import { meter, named, table } from "./tables.js";
import { MISTAKE_WORDS, WORST_WORDS } from "./words.js";

const MOST_CLASSES = 15; // a larger table cannot be read
const MOST_PAIRS = 20;

/** What goes wrong? */
export function mistakes({ evaluation, classes }: ReportData, colors: readonly string[]): Content {
  if (!evaluation) return "";
  const table = classes.length <= MOST_CLASSES ? confusionTable(evaluation, classes, colors) : frequentPairs(evaluation, classes);
  return html`<section id="mistakes"><h2>What goes wrong</h2><div class="columns">
<div class="card"><h3>Kinds of mistakes</h3>${kinds(evaluation)}
<p class="note">Cost: how much AP50 would rise if all mistakes of the kind, and no others, were put right (<abbr title="Bolya et al. 2020, A General Toolbox for Identifying Object Detection Errors">TIDE</abbr>). Number: from the score ${decimals(evaluation.score, 2)} on.</p></div>
<div class="card"><h3>What was taken for what</h3>${table}
<p class="note">Rows are what is there, columns what it was taken for, from the score ${decimals(evaluation.score, 2)} on.</p></div>
</div></section>`;
}

function kinds({ mistakes }: EvaluationPart): Markup {
  const most = Math.max(...mistakes.map(({ cost }) => cost), 0.01);
  const rows = [...mistakes]
    .sort((a, b) => b.cost - a.cost)
    .map(({ kind, count, cost }) => {
      const { name, means } = MISTAKE_WORDS[kind];
      return [html`${name}<small>${means}</small>`, meter(decimals(Math.max(cost, 0)), cost / most, "var(--bad)"), whole(count)];
    });
  return table(["mistake", "cost in AP50", "number"], rows, "Kinds of mistakes");
}

function confusionTable({ confusion, falseAlarms }: EvaluationPart, classes: readonly string[], colors: readonly string[]): Markup {
  const rows = confusion.map((counts, truth) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    return [named(classes[truth]!, colors[truth]!), ...counts.map((count, taken) => cell(count, total, taken === truth))];
  });
  const answers = classes.map((_, taken) => falseAlarms[taken]! + confusion.reduce((sum, counts) => sum + counts[taken]!, 0));
  const alarms = falseAlarms.map((count, taken) => cell(count, answers[taken]!, false));
  const head = ["", ...classes, html`<em>missed</em>`];
  return html`<div class="confusion">${table(head, [...rows, [html`<em>false alarm</em>`, ...alarms, ""]], "What was taken for what")}</div>`;
}

function cell(count: number, total: number, right: boolean): Content {
  const share = total > 0 ? count / total : 0;
  const tone = right ? "var(--good-rgb)" : "var(--bad-rgb)";
  return html`<span class="cell" style="background:rgb(${tone} / ${(0.75 * share).toFixed(2)})">${whole(count)}<small>${count > 0 && percent(share)}</small></span>`;
}

/** Of many classes: the mix-ups that occur most. */
function frequentPairs({ confusion, falseAlarms }: EvaluationPart, classes: readonly string[]): Markup {
  const pairs = confusion.flatMap((counts, truth) =>
    counts.map((count, taken) => ({ truth: classes[truth]!, taken: classes[taken] ?? "missed", count, right: truth === taken })),
  );
  const alarms = falseAlarms.map((count, taken) => ({ truth: "nothing", taken: classes[taken]!, count, right: false }));
  const worst = [...pairs, ...alarms].filter(({ count, right }) => count > 0 && !right).sort((a, b) => b.count - a.count);
  return table(
    ["what is there", "taken for", "number"],
    worst.slice(0, MOST_PAIRS).map(({ truth, taken, count }) => [truth, taken, whole(count)]),
    "The most frequent mix-ups",
  );
}

/** How does that look? */
export function worstPictures({ worst }: ReportData, colors: readonly string[]): Content {
  const groups = worst.filter(({ pictures }) => pictures.length > 0);
  if (groups.length === 0) return "";
  return html`<section id="pictures"><h2>The worst pictures</h2>
<p class="legend marks"><span><i class="missed"></i>missed</span> <span><i class="wrong"></i>wrong detection, with its score</span> <span><i class="truth"></i>where the object is in truth</span> <span><i class="right"></i>right</span> A picture grows when it is followed as a link; a box tells more when it is pointed at.</p>
${groups.map(
  ({ kind, pictures }) => html`<h3>${WORST_WORDS[kind].title}</h3><p class="note">${WORST_WORDS[kind].means}</p>
<div class="shots">${pictures.map((one, i) => markedPicture(one, `${kind}-${i + 1}`, colors))}</div>`,
)}</section>`;
}
