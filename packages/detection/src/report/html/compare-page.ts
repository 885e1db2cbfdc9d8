import { colorOfClass } from "@singleshot/vision/node";
import type { Comparison } from "../compare.js";
import { lineChart, type Series } from "./line-chart.js";
import { type Content, html } from "./markup.js";
import { decimals, whole } from "./numbers.js";
import { page } from "./page.js";
import { meter, named, table } from "./tables.js";
import { epochOf, means } from "./training.js";

/** Several runs side by side as one page of HTML. */
export function comparePage(comparison: Comparison): string {
  const colors = comparison.runs.map((_, i) => colorOfClass(i + 1));
  const names = comparison.runs.map(({ name }) => name);
  return page(
    {
      title: names.join(", "),
      subtitle: `${names.length} runs side by side`,
      links: [
        ["result", "Result"],
        ["curves", "Curves"],
        ["classes", "Class by class"],
        ["settings", "What differs"],
      ],
    },
    [results(comparison, colors), curves(comparison, colors), classes(comparison, colors), differences(comparison)],
  );
}

function results({ runs }: Comparison, colors: readonly string[]): Content {
  const rows = runs.map(({ name, best, metrics }, i) => {
    const last = metrics.steps.at(-1);
    return [
      named(name, colors[i]!),
      meter(decimals(best?.evaluation.map), best?.evaluation.map, colors[i]),
      decimals(best?.evaluation.ap50),
      best ? whole(best.epoch) : "–",
      last ? whole(last.epoch) : "–",
      decimals(means(totals(metrics).slice(-20), 1)[0]?.[1]),
    ];
  });
  return html`<section id="result"><h2>Result</h2><div class="card">${table(["run", "mAP", "AP50", "best epoch", "epochs", "loss at the end"], rows, "Result")}
<p class="note">Each run at its best evaluation. They can be compared where they were evaluated on the same pictures by the same protocol.</p></div></section>`;
}

const totals = (metrics: Comparison["runs"][number]["metrics"]): [number, number][] => {
  const epoch = epochOf(metrics);
  return metrics.steps.map(({ step, losses }) => [epoch(step), losses.loss ?? Number.NaN]);
};

function curves({ runs }: Comparison, colors: readonly string[]): Content {
  const x = { label: "epoch", min: 0, max: Math.max(...runs.map(({ metrics }) => metrics.steps.at(-1)?.epoch ?? 1)) };
  const series = (points: (run: Comparison["runs"][number]) => [number, number][], dots = false) =>
    runs.map((run, i): Series => ({ name: run.name, color: colors[i]!, points: points(run), dots }));
  const scores = series(({ metrics }) => metrics.evaluations.map(({ epoch, evaluation }) => [epoch, evaluation.map ?? 0]), true);
  const losses = series(({ metrics }) => means(totals(metrics), 60));
  const rates = series(({ metrics }) => {
    const epoch = epochOf(metrics);
    return means(
      metrics.steps.map(({ step, learningRate }) => [epoch(step), learningRate] as const),
      150,
    );
  });
  return html`<section id="curves"><h2>Curves</h2><div class="columns three">
<div class="card">${lineChart(scores, { title: "mAP", x, y: { label: "mAP", min: 0, max: 1 } })}</div>
<div class="card">${lineChart(losses, { title: "Loss", x, y: { label: "loss", min: 0 } })}</div>
<div class="card">${lineChart(rates, { title: "Learning rate", x, y: { label: "learning rate", min: 0 } })}</div></div></section>`;
}

function classes({ runs, classes: rows }: Comparison, colors: readonly string[]): Content {
  const cells = rows.map(({ name, ap }) => [name, ...ap.map((value, i) => meter(decimals(value), value, colors[i]))]);
  return html`<section id="classes"><h2>Class by class</h2><div class="card">${table(["AP", ...runs.map(({ name }) => name)], cells, "Class by class")}</div></section>`;
}

function differences({ runs, differences: rows }: Comparison): Content {
  const none = html`<p>All settings are the same.</p>`;
  const cells = rows.map(({ key, values }) => [
    html`<code>${key}</code>`,
    ...values.map((value) => (value === null ? "–" : html`<code>${value}</code>`)),
  ]);
  const content = rows.length > 0 ? table(["setting", ...runs.map(({ name }) => name)], cells, "What differs", { wraps: true }) : none;
  return html`<section id="settings"><h2>What differs</h2><div class="card">${content}</div></section>`;
}
