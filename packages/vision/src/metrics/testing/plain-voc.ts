import type { VocOptions } from "../voc.js";
import type { VocConvention } from "../voc-match.js";
import type { RandomVoc } from "./random-voc.js";

interface PlainOptions {
  metric: VocOptions["metric"];
  iouThreshold: number;
  convention: VocConvention;
}

/** Pascal VOC's average precision of each class from the definitions, with objects and plain loops; null: nothing to find. */
export function plainVoc({ truth, found, classes }: RandomVoc, options: PlainOptions): (number | null)[] {
  return classes.map((_, c) => {
    const objects = truth.flatMap((record) =>
      marksOf(record, c + 1).map((mark) => ({ ...mark, hard: record.flags![mark.i]! > 0, used: false })),
    );
    const guesses = found.flatMap((record) => marksOf(record, c + 1).map((mark) => ({ ...mark, score: record.scores[mark.i]! })));
    const wanted = objects.filter(({ hard }) => !hard).length;
    if (wanted === 0) return null;
    let [right, wrong] = [0, 0];
    const points = guesses
      .sort((a, b) => b.score - a.score)
      .map((guess) => {
        const near = objects
          .filter(({ image }) => image === guess.image)
          .sort((a, b) => iou(b, guess, options) - iou(a, guess, options))[0];
        const hit = near && matches(iou(near, guess, options), options) ? near : undefined;
        if (!hit?.hard) hit && !hit.used ? right++ : wrong++;
        if (hit) hit.used = true;
        return { recall: right / wanted, precision: right === 0 ? 0 : right / (right + wrong) };
      });
    const best = (recall: number) => Math.max(0, ...points.filter((point) => point.recall >= recall).map(({ precision }) => precision));
    const each = Array.from({ length: wanted }, (_, i) => (i + 1) / wanted); // each object that is found adds 1 / wanted of recall
    const levels = options.metric === "area" ? each : Array.from({ length: 11 }, (_, i) => i * 0.1);
    return levels.map(best).reduce((a, b) => a + b, 0) / levels.length;
  });
}

interface Mark {
  i: number;
  image: string | number;
  box: number[];
}

function marksOf({ image, boxes, labels }: Pick<RandomVoc["truth"][number], "image" | "boxes" | "labels">, label: number): Mark[] {
  const all = Array.from(labels, (l, i) => ({ l, i, image, box: [...boxes.subarray(4 * i, 4 * i + 4)] }));
  return all.filter(({ l }) => l === label);
}

const matches = (overlap: number, { iouThreshold, convention }: PlainOptions) =>
  overlap > iouThreshold || (convention.inclusive && overlap === iouThreshold);

function iou(a: Mark, b: Mark, { convention: { pixel, epsilon } }: PlainOptions): number {
  const sides = (box: number[], axis: number) => [box[axis]!, box[axis + 2]! + pixel] as const;
  const common = [0, 1].map((axis) => {
    const [[low, high], [from, to]] = [sides(a.box, axis), sides(b.box, axis)];
    return Math.max(0, Math.min(high, to) - Math.max(low, from));
  });
  const area = (box: number[]) => [0, 1].map((axis) => sides(box, axis)[1] - sides(box, axis)[0]).reduce((x, y) => x * y);
  const both = common[0]! * common[1]!;
  return both / (area(a.box) + area(b.box) - both + epsilon);
}
