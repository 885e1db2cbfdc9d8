const AREAS = ["all", "small", "medium", "large"] as const;
type Row = [kind: "AP" | "AR", iou: string, area: (typeof AREAS)[number], maxDets: number];

const ROWS: readonly Row[] = [
  ["AP", "0.50:0.95", "all", 100],
  ["AP", "0.50", "all", 100],
  ["AP", "0.75", "all", 100],
  ["AP", "0.50:0.95", "small", 100],
  ["AP", "0.50:0.95", "medium", 100],
  ["AP", "0.50:0.95", "large", 100],
  ["AR", "0.50:0.95", "all", 1],
  ["AR", "0.50:0.95", "all", 10],
  ["AR", "0.50:0.95", "all", 100],
  ["AR", "0.50:0.95", "small", 100],
  ["AR", "0.50:0.95", "medium", 100],
  ["AR", "0.50:0.95", "large", 100],
];
const TITLES = { AP: "Average Precision  (AP)", AR: "Average Recall     (AR)" };

/** The twelve lines of pycocotools' summary; -1 where there is nothing to find. */
export function cocoLines(numbers: readonly (number | null)[]): string[] {
  return ROWS.map(([kind, iou, area, maxDets], i) => {
    const settings = `IoU=${iou.padEnd(9)} | area=${area.padStart(6)} | maxDets=${String(maxDets).padStart(3)}`;
    return ` ${TITLES[kind]} @[ ${settings} ] = ${(numbers[i] ?? -1).toFixed(3)}`;
  });
}
