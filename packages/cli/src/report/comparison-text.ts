import type { Comparison } from "@singleshot/detection";
import { table } from "@singleshot/vision";

const decimals = (value: number | null | undefined) => (typeof value === "number" ? value.toFixed(3) : "–");

/** Runs side by side as text: how good, in which class, and what is set differently. */
export function comparisonText({ runs, classes, differences }: Comparison): string {
  const names = runs.map(({ name }) => name);
  const results = runs.map(({ name, best, metrics }) => [
    name,
    decimals(best?.evaluation.map),
    decimals(best?.evaluation.ap50),
    String(best?.epoch ?? "–"),
    String(metrics.steps.at(-1)?.epoch ?? "–"),
  ]);
  const settings = differences.map(({ key, values }) => [key, ...values.map((value) => shortened(value ?? "–"))]);
  return [
    table([["run", "mAP", "AP50", "best epoch", "epochs"], ...results]),
    table([["AP", ...names], ...classes.map(({ name, ap }) => [name, ...ap.map(decimals)])]),
    settings.length > 0 ? table([["what differs", ...names], ...settings]) : "All settings are the same.",
  ].join("\n\n");
}

const LONGEST = 40; // characters of a setting

const shortened = (value: string) => (value.length <= LONGEST ? value : `${value.slice(0, LONGEST - 1)}…`);
