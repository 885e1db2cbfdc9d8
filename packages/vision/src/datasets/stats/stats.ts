import { AREA_RANGES } from "../../metrics/index.js";
import type { Dataset, DatasetEntry } from "../types.js";

export interface ClassStats {
  name: string;
  boxes: number;
  images: number;
  /** COCO's sizes: up to 32 and 96 pixels of side, and above */
  small: number;
  medium: number;
  large: number;
}

export interface Bin {
  name: string;
  value: number;
}

export interface DatasetStats {
  images: number;
  background: number;
  boxes: number;
  boxesPerImage: { most: number; mean: number };
  pictureSizes: { smallest: [number, number]; median: [number, number]; largest: [number, number] } | undefined;
  classes: ClassStats[];
  /** side of a box as a share of the picture's: √(area / picture area) */
  relativeSizes: Bin[];
  /** width / height of boxes */
  aspectRatios: Bin[];
}

/** What is in a data set, in numbers; of what can be used. */
export function datasetStats({ entries, classes }: Pick<Dataset, "entries" | "classes">): DatasetStats {
  const boxes = entries.flatMap(boxesOf);
  const counts = entries.map(({ labels }) => labels.length);
  return {
    images: entries.length,
    background: counts.filter((count) => count === 0).length,
    boxes: boxes.length,
    boxesPerImage: { most: counts.reduce((a, b) => Math.max(a, b), 0), mean: entries.length > 0 ? boxes.length / entries.length : 0 },
    pictureSizes: pictureSizes(entries),
    classes: classStats(classes, entries),
    relativeSizes: histogram(
      boxes.map(({ relative }) => relative),
      SIZE_EDGES,
      (value) => `${Math.round(100 * value)} %`,
    ),
    aspectRatios: histogram(
      boxes.map(({ aspect }) => aspect),
      ASPECT_EDGES,
      aspectName,
    ),
  };
}

const [, { max: SMALL }, { max: MEDIUM }] = AREA_RANGES;
const SIZE_EDGES = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75];
const ASPECT_EDGES = [1 / 3, 1 / 2, 2 / 3, 1, 3 / 2, 2, 3];

const aspectName = (ratio: number) => (ratio < 1 ? `1:${+(1 / ratio).toFixed(2)}` : `${+ratio.toFixed(2)}:1`);

function boxesOf({ boxes, labels, width, height }: DatasetEntry) {
  return Array.from(labels, (label, i) => {
    const [x1, y1, x2, y2] = boxes.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
    const [across, down] = [x2 - x1, y2 - y1];
    return { label, area: across * down, aspect: across / down, relative: Math.sqrt((across * down) / (width * height)) };
  });
}

function classStats(classes: readonly string[], entries: readonly DatasetEntry[]): ClassStats[] {
  const rows = classes.map((name): ClassStats => ({ name, boxes: 0, images: 0, small: 0, medium: 0, large: 0 }));
  for (const entry of entries) {
    for (const label of new Set(entry.labels)) rows[label - 1]!.images++;
    for (const { label, area } of boxesOf(entry)) {
      const row = rows[label - 1]!;
      row.boxes++;
      row[area <= SMALL ? "small" : area <= MEDIUM ? "medium" : "large"]++;
    }
  }
  return rows;
}

function pictureSizes(entries: readonly DatasetEntry[]): DatasetStats["pictureSizes"] {
  if (entries.length === 0) return undefined;
  const sizes = entries.map(({ width, height }): [number, number] => [width, height]).sort((a, b) => a[0] * a[1] - b[0] * b[1]);
  return { smallest: sizes[0]!, median: sizes[sizes.length >> 1]!, largest: sizes.at(-1)! };
}

/** Between two edges the lower one belongs to the bin. */
function histogram(values: readonly number[], edges: readonly number[], nameOf: (edge: number) => string): Bin[] {
  const bins = [...edges, Number.POSITIVE_INFINITY].map((edge, i): Bin => {
    const below = edges[i - 1];
    const name =
      below === undefined
        ? `below ${nameOf(edge)}`
        : Number.isFinite(edge)
          ? `${nameOf(below)} to ${nameOf(edge)}`
          : `from ${nameOf(below)}`;
    return { name, value: 0 };
  });
  for (const value of values) bins[edges.findLastIndex((edge) => value >= edge) + 1]!.value++;
  return bins;
}
