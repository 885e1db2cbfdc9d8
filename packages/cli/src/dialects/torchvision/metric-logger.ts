import { clock } from "../program/index.js";

const WINDOW = 20;

/** A series of values: the median of the last ones, and the mean of all. */
interface Series {
  recent: number[];
  total: number;
  count: number;
}

/** torchvision's MetricLogger: lines with medians, means in parentheses, and the time that is left. */
export interface MetricLogger {
  add(values: Readonly<Record<string, number>>, time: { durationMs: number; waitedMs: number }): void;
  /** `Epoch: [0]  [ 20/500]  eta: 0:01:23  lr: 0.000400  loss: 2.1000 (2.2000)  time: 0.1700  data: 0.0030` */
  line(i: number, n: number): string;
  /** `Epoch: [0] Total time: 0:01:23 (0.1700 s / it)` */
  total(n: number): string;
  /** `loss: 2.1000 (2.2000)  ...` */
  averages(): string;
}

/** @param plain names of values that are printed as they are last, with six digits */
export function metricLogger(header: string, { plain = [] }: { plain?: readonly string[] } = {}): MetricLogger {
  const all = new Map<string, Series>();
  const push = (name: string, value: number) => {
    const series = all.get(name) ?? { recent: [], total: 0, count: 0 };
    const recent = [...series.recent, value].slice(-WINDOW);
    all.set(name, { recent, total: series.total + value, count: series.count + 1 });
  };
  const mean = (name: string) => (all.get(name)?.total ?? 0) / Math.max(1, all.get(name)?.count ?? 0);
  const recentMean = (name: string) => {
    const { recent } = all.get(name)!;
    return recent.reduce((sum, value) => sum + value, 0) / recent.length;
  };
  const meters = () =>
    [...all.keys()].filter((name) => !TIMES.includes(name)).map((name) => `${name}: ${shown(all.get(name)!, plain.includes(name))}`);
  return {
    add(values, { durationMs, waitedMs }) {
      for (const [name, value] of Object.entries(values)) push(name, value);
      push("time", durationMs / 1000);
      push("data", waitedMs / 1000);
    },
    line(i, n) {
      const place = `[${String(i).padStart(String(n).length)}/${n}]`;
      const times = TIMES.map((name) => `${name}: ${recentMean(name).toFixed(4)}`);
      return [header, place, `eta: ${clock(1000 * mean("time") * (n - i))}`, ...meters(), ...times].join("  ");
    },
    total: (n) =>
      `${header} Total time: ${clock(1000 * (all.get("time")?.total ?? 0))} (${((all.get("time")?.total ?? 0) / n).toFixed(4)} s / it)`,
    averages: () => meters().join("  "),
  };
}

const TIMES = ["time", "data"];

function shown({ recent, total, count }: Series, isPlain: boolean): string {
  if (isPlain) return recent.at(-1)!.toFixed(6);
  return `${median(recent).toFixed(4)} (${(total / count).toFixed(4)})`;
}

/** The lower one of two in the middle, as PyTorch's. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
