import type { Annotation, Result } from "../coco/index.js";
import type { RandomSet } from "./random-coco.js";

const MEAN_OF_ALL = Array.from({ length: 10 }, (_, i) => (i === 9 ? 0.95 : 0.5 + i * ((0.95 - 0.5) / 9)));
const RANGES = [
  [0, 1e10],
  [0, 1024],
  [1024, 9216],
  [9216, 1e10],
] as const;

/** COCO's twelve numbers from the definitions, without any of the evaluation's code and without a thought about speed. */
export function plainCoco({ annotations: { images, annotations, categories }, detections }: RandomSet): number[] {
  const sorted = <T extends { id: number | string }>(list: T[]) => [...list].sort((a, b) => (a.id < b.id ? -1 : 1));
  const cells = sorted(categories).map(({ id: category }) =>
    sorted(images).map(({ id: image }) => {
      const here = (row: Annotation | Result) => row.category_id === category && row.image_id === image;
      return { truth: annotations.filter(here), found: detections.filter(here).sort((a, b) => b.score - a.score) };
    }),
  );
  const over = (thresholds: number[], range: number, most: number, what: "precisions" | "recall") =>
    average(thresholds.flatMap((t) => cells.flatMap((pictures) => curve(pictures, t, RANGES[range]!, most)?.[what] ?? [])));
  return [
    over(MEAN_OF_ALL, 0, 100, "precisions"),
    over([0.5], 0, 100, "precisions"),
    over([0.75], 0, 100, "precisions"),
    ...[1, 2, 3].map((range) => over(MEAN_OF_ALL, range, 100, "precisions")),
    ...[1, 10, 100].map((most) => over(MEAN_OF_ALL, 0, most, "recall")),
    ...[1, 2, 3].map((range) => over(MEAN_OF_ALL, range, 100, "recall")),
  ];
}

interface Cell {
  truth: Annotation[];
  found: Result[];
}

const average = (values: number[]) => (values.length === 0 ? -1 : values.reduce((a, b) => a + b, 0) / values.length);

/** The precisions at the 101 recalls and the final recall of one class; undefined when there is nothing to find. */
function curve(pictures: Cell[], threshold: number, [min, max]: readonly [number, number], most: number) {
  const outside = (area: number) => area < min || area > max;
  const counts = (object: Annotation) => !object.iscrowd && !outside(object.area!);
  const wanted = pictures.flatMap(({ truth }) => truth.filter(counts)).length;
  if (wanted === 0) return undefined;
  const judged = pictures.flatMap(({ truth, found }) => {
    const free = new Set(truth);
    return found.slice(0, most).map((detection) => {
      const near = [...free].filter((object) => overlap(detection, object) >= threshold);
      const choice =
        closest(detection, near.filter(counts)) ??
        closest(
          detection,
          near.filter((object) => !counts(object)),
        );
      if (choice && !choice.iscrowd) free.delete(choice);
      const right = choice !== undefined && choice.id !== 0; // as in pycocotools, where 0 means: no match
      const ignored = (choice && !counts(choice)) || (!right && outside(detection.bbox[2] * detection.bbox[3]));
      return { score: detection.score, right: right && !ignored, wrong: !right && !ignored };
    });
  });
  judged.sort((a, b) => b.score - a.score);
  const points = judged.map((_, i) => {
    const right = judged.slice(0, i + 1).filter((one) => one.right).length;
    const wrong = judged.slice(0, i + 1).filter((one) => one.wrong).length;
    return { recall: right / wanted, precision: right === 0 ? 0 : right / (right + wrong) };
  });
  const best = (recall: number) => Math.max(0, ...points.filter((point) => point.recall >= recall).map((point) => point.precision));
  return { precisions: Array.from({ length: 101 }, (_, i) => best(i === 100 ? 1 : i * 0.01)), recall: [points.at(-1)?.recall ?? 0] };
}

/** The object with the highest overlap, the last of equals. */
function closest(detection: Result, objects: Annotation[]): Annotation | undefined {
  const highest = Math.max(...objects.map((object) => overlap(detection, object)));
  return objects.findLast((object) => overlap(detection, object) === highest);
}

function overlap({ bbox: [x, y, w, h] }: Result, { bbox: [u, v, m, n], iscrowd }: Annotation): number {
  const common = Math.max(0, Math.min(x + w, u + m) - Math.max(x, u)) * Math.max(0, Math.min(y + h, v + n) - Math.max(y, v));
  return common === 0 ? 0 : common / (iscrowd ? w * h : w * h + m * n - common);
}
