import type { ReportData } from "../data.js";
import type { RunMetrics } from "../metrics-file.js";
import { lineChart, type Series } from "./line-chart.js";
import { type Content, html } from "./markup.js";

const LOSS_COLORS = ["var(--accent)", "#e69f00", "#009e73", "#cc79a7", "#d55e00"];

/** How did training go? */
export function training({ metrics, classes }: ReportData, colors: readonly string[]): Content {
  if (metrics.steps.length === 0) return "";
  const epoch = { label: "epoch", min: 0, max: epochOf(metrics)(metrics.steps.at(-1)!.step) };
  return html`<section id="training"><h2>Training</h2><div class="columns three">
<div class="card">${lineChart(losses(metrics), { title: "Losses", x: epoch, y: { label: "loss", min: 0 } })}</div>
<div class="card">${lineChart(scores(metrics, classes, colors), { title: "Accuracy on the pictures that were held back", x: epoch, y: { label: "AP", min: 0, max: 1 } })}</div>
<div class="card">${lineChart([learningRate(metrics)], { title: "Learning rate", x: epoch, y: { label: "learning rate", min: 0 } })}</div>
</div></section>`;
}

/** Epochs that are done at a step. */
export function epochOf({ steps }: RunMetrics): (step: number) => number {
  const first = steps[0]?.epoch;
  const perEpoch = steps.filter(({ epoch }) => epoch === first).length || 1;
  return (step) => step / perEpoch;
}

const POINTS = 150;

/** Means over pieces of the run of equal length; the total also as it was, faintly. */
function losses(metrics: RunMetrics): Series[] {
  const epoch = epochOf(metrics);
  const names = Object.keys(metrics.steps[0]!.losses);
  const points = (name: string) => metrics.steps.map(({ step, losses }): [number, number] => [epoch(step), losses[name] ?? Number.NaN]);
  const own = names.map(
    (name, i): Series => ({
      name: name === "loss" ? "total" : name,
      color: LOSS_COLORS[i % LOSS_COLORS.length]!,
      points: means(points(name), 30),
    }),
  );
  return [{ name: "total", color: LOSS_COLORS[0]!, points: means(points(names[0]!), POINTS), faint: true }, ...own];
}

/** At most n points, each the mean of its neighbours. */
export function means(points: readonly (readonly [number, number])[], n: number): [number, number][] {
  const known = points.filter(([, y]) => Number.isFinite(y));
  const count = Math.min(n, known.length);
  return Array.from({ length: count }, (_, i) => {
    const part = known.slice(Math.floor((i * known.length) / count), Math.floor(((i + 1) * known.length) / count));
    const mean = (axis: 0 | 1) => part.reduce((sum, point) => sum + point[axis], 0) / part.length;
    return [mean(0), mean(1)];
  });
}

function scores({ evaluations }: RunMetrics, classes: readonly string[], colors: readonly string[]): Series[] {
  const of = (value: (evaluation: (typeof evaluations)[number]["evaluation"]) => number | null | undefined) =>
    evaluations.flatMap(({ epoch, evaluation }): [number, number][] => {
      const y = value(evaluation);
      return typeof y === "number" ? [[epoch, y]] : [];
    });
  const perClass =
    classes.length > 8
      ? []
      : classes.map(
          (name, label): Series => ({
            name: `${name}, AP50`,
            color: colors[label]!,
            dashed: true,
            dots: true,
            points: of(({ classes }) => classes[label]?.ap50 ?? classes[label]?.ap),
          }),
        );
  return [
    { name: "mAP", color: "var(--ink)", dots: true, points: of(({ map }) => map) },
    { name: "AP50", color: "var(--accent)", dots: true, points: of(({ ap50 }) => ap50) },
    ...perClass,
  ];
}

function learningRate(metrics: RunMetrics): Series {
  const epoch = epochOf(metrics);
  return {
    name: "learning rate",
    color: "var(--accent)",
    points: means(
      metrics.steps.map(({ step, learningRate }) => [epoch(step), learningRate] as const),
      POINTS,
    ),
  };
}
