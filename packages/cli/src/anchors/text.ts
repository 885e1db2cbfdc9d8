import type { AnchorCheck, AnchorGroup } from "@singleshot/detection";
import { table } from "@singleshot/vision";

const percent = (share: number | null) => (share === null ? "–" : `${(100 * share).toFixed(1)} %`);

/** The result of a check as text: a table and what no anchor reaches. */
export function checkText({ all, bySize, byClass, thresholds, remarks }: AnchorCheck): string {
  const row = ({ name, objects, recall, meanIou }: AnchorGroup) => [
    name,
    objects.toLocaleString("en-US"),
    ...recall.map(percent),
    meanIou === null ? "–" : meanIou.toFixed(3),
  ];
  const head = (what: string) => [what, "objects", ...thresholds.map((threshold) => `recall at ${threshold}`), "mean best IoU"];
  const blocks = [table([head("side, px"), ...bySize.map(row)]), table([head("class"), ...[...byClass, all].map(row)])];
  return [...blocks, ...(remarks.length > 0 ? [remarks.join("\n")] : ["Some anchor reaches every object."])].join("\n\n");
}

/** Two checks in one table. */
export function comparisonText(before: AnchorCheck, after: AnchorCheck): string {
  const pairs = [...before.byClass, before.all].map((group, i) => [group, [...after.byClass, after.all][i]!] as const);
  const both = (from: number | null, to: number | null) => `${percent(from)} → ${percent(to)}`;
  const rows = pairs.map(([from, to]) => [
    from.name,
    from.objects.toLocaleString("en-US"),
    ...from.recall.map((share, t) => both(share, to.recall[t]!)),
    `${from.meanIou?.toFixed(3) ?? "–"} → ${to.meanIou?.toFixed(3) ?? "–"}`,
  ]);
  return table([["class", "objects", ...before.thresholds.map((threshold) => `recall at ${threshold}`), "mean best IoU"], ...rows]);
}
