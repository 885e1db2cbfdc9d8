import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluateCoco, RECALLS } from "../metrics/index.js";
import { confusion } from "./confusion.js";
import { accuracyAt, bestScore, classCurves, rankClasses } from "./curves.js";
import { matchPictures, NONE } from "./match.js";
import { mistakeCosts } from "./mistake-costs.js";
import { findMistakes, MISTAKES } from "./mistakes.js";
import { CLASSES, perfect, scenes } from "./testing/random-scenes.js";
import { worstPictures } from "./worst-pictures.js";

const C = CLASSES.length;
const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0);
const holds = (law: (scene: Parameters<Parameters<typeof scenes.chain>[0]>[0]) => void) =>
  fc.assert(fc.property(scenes, law), { numRuns: 300 });

test("precision at every recall is that of COCO's evaluation", () => {
  holds(({ truth, found }) => {
    const { curves } = evaluateCoco(truth, found, { classes: CLASSES });
    const [areas, limits, most] = [4, 3, 2];
    rankClasses(matchPictures(truth, found), C).forEach(({ right, wanted }, label) => {
      if (wanted === 0) return;
      const precision = Array.from(right, (_, i) => sum(right.subarray(0, i + 1)) / (i + 1));
      RECALLS.forEach((recall, r) => {
        const from = precision.findIndex((_, i) => sum(right.subarray(0, i + 1)) / wanted >= recall);
        const best = from < 0 ? 0 : Math.max(...precision.slice(from));
        expect(curves.precision[(r * C + label) * areas * limits + most]).toBeCloseTo(best, 9);
      });
    });
  });
});

test("what a weaker detection does changes nothing for a better one", () => {
  holds(({ truth, found }) => {
    const strong = found.map((record) => {
      const kept = [...Array.from(record.labels).keys()].filter((d) => record.scores[d]! >= 0.5);
      return {
        ...record,
        boxes: Float64Array.from(kept.flatMap((d) => [...record.boxes.subarray(4 * d, 4 * d + 4)])),
        labels: kept.map((d) => record.labels[d]!),
        scores: kept.map((d) => record.scores[d]!),
      };
    });
    const whole = confusion(matchPictures(truth, found), C, { minScore: 0.5 });
    expect(whole).toEqual(confusion(matchPictures(truth, strong), C, { minScore: 0 }));
  });
});

describe("curves", () => {
  test("F1 lies between precision and recall, recall rises as the score falls, and the best is the best", () => {
    holds(({ truth, found }) => {
      for (const { points, best } of classCurves(rankClasses(matchPictures(truth, found), C), CLASSES)) {
        points.forEach(({ score, precision, recall, f1 }, i) => {
          const [low, high] = [Math.min(precision, recall), Math.max(precision, recall)];
          expect(f1).toBeGreaterThanOrEqual(low - 1e-12);
          expect(f1).toBeLessThanOrEqual(high + 1e-12);
          expect(f1).toBeLessThanOrEqual(best!.f1);
          if (i > 0) expect([score < points[i - 1]!.score, recall >= points[i - 1]!.recall]).toEqual([true, true]);
        });
      }
    });
  });

  test("between two scores the numbers are those of the higher one", () => {
    const points = [
      { score: 0.8, precision: 1, recall: 0.5, f1: 2 / 3 },
      { score: 0.4, precision: 0.5, recall: 0.5, f1: 0.5 },
    ];
    const curve = { name: "ant", wanted: 2, points, best: points[0] };
    expect(accuracyAt(curve, 0.6)).toEqual({ ...points[0], score: 0.6 });
    expect(accuracyAt(curve, 0.4)).toEqual(points[1]);
    expect(accuracyAt(curve, 0.9)).toEqual({ score: 0.9, precision: 1, recall: 0, f1: 0 });
    expect(bestScore([curve])).toBe(0.41);
    expect(bestScore([])).toBe(0.5);
  });
});

describe("confusion", () => {
  test("every object stands in its row once, every detection in its column", () => {
    holds(({ truth, found }) => {
      const pictures = matchPictures(truth, found);
      const { counts, missed, falseAlarms } = confusion(pictures, C, { minScore: 0.3 });
      for (let label = 1; label <= C; label++) {
        const row = counts.subarray((label - 1) * C, label * C);
        const column = CLASSES.map((_, r) => counts[r * C + label - 1]!);
        const objects = sum(pictures.map(({ truth, wanted }) => sum(wanted.filter((_, g) => truth.labels[g] === label))));
        const answers = sum(
          pictures.map(({ found, ignored }) =>
            sum(Array.from(found.labels, (l, d) => Number(l === label && !ignored[d] && found.scores[d]! >= 0.3))),
          ),
        );
        expect([sum(row) + missed[label - 1]!, sum(column) + falseAlarms[label - 1]!]).toEqual([objects, answers]);
      }
    });
  });

  test("names what an object was taken for", () => {
    const truth = [{ image: 1, boxes: Float64Array.of(0, 0, 10, 10, 50, 50, 60, 60), labels: [1, 2] }];
    const found = [{ image: 1, boxes: Float64Array.of(0, 0, 10, 10, 80, 80, 90, 90), labels: [2, 3], scores: [0.9, 0.8] }];
    const { counts, missed, falseAlarms } = confusion(matchPictures(truth, found), C, { minScore: 0.5 });
    expect([[...counts], [...missed], [...falseAlarms]]).toEqual([
      [0, 1, 0, 0, 0, 0, 0, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
  });
});

describe("mistakes", () => {
  test("every detection is right, ignored or wrong in one way, and every object is found, missed or meant by one that would find it", () => {
    holds(({ truth, found }) => {
      const pictures = matchPictures(truth, found);
      const mistakes = findMistakes(pictures);
      pictures.forEach(({ objectOf, ignored, detectionOf, wanted }, picture) => {
        const own = mistakes.filter((one) => one.picture === picture);
        const wrong = own.filter(({ kind }) => kind !== "missed").map(({ detection }) => detection);
        expect(wrong.toSorted((a, b) => a - b)).toEqual([...objectOf.keys()].filter((d) => objectOf[d] === NONE && !ignored[d]));
        for (const g of [...wanted.keys()].filter((g) => wanted[g] && detectionOf[g] === NONE)) {
          const meant = own.filter(({ object }) => object === g).map(({ kind }) => kind);
          expect(meant.includes("missed")).toBe(!meant.some((kind) => kind === "localization" || kind === "classification"));
        }
      });
    });
  });

  test("a perfect detector makes none, and none costs anything", () => {
    holds(({ truth }) => {
      const pictures = matchPictures(truth, perfect(truth));
      expect(findMistakes(pictures)).toEqual([]);
      expect(Object.values(mistakeCosts(pictures, [], C))).toEqual(MISTAKES.map(() => 0));
    });
  });

  test("putting mistakes right never makes it worse, and all of AP that is lacking is the misses' where nothing was found", () => {
    holds(({ truth, found }) => {
      const pictures = matchPictures(truth, found);
      for (const cost of Object.values(mistakeCosts(pictures, findMistakes(pictures), C))) expect(cost).toBeGreaterThanOrEqual(-1e-12);
      const blind = matchPictures(truth, []);
      const objects = blind.some(({ wanted }) => wanted.includes(1));
      expect(mistakeCosts(blind, findMistakes(blind), C).missed).toBe(objects ? 1 : 0);
    });
  });

  /** One ant; the detections of it, each with its label, left edge, score. */
  const kinds = (...rows: [label: number, left: number, score: number][]) => {
    const truth = [{ image: 1, boxes: Float64Array.of(0, 0, 10, 10), labels: [1] }];
    const boxes = Float64Array.from(rows.flatMap(([, left]) => [left, 0, left + 10, 10]));
    const found = [{ image: 1, boxes, labels: rows.map(([label]) => label), scores: rows.map(([, , score]) => score) }];
    const pictures = matchPictures(truth, found);
    const mistakes = findMistakes(pictures);
    return { kinds: mistakes.map(({ kind }) => kind), costs: mistakeCosts(pictures, mistakes, C) };
  };

  test.each([
    [[2, 0, 0.9], "classification", 1],
    [[1, 5, 0.9], "localization", 1],
    [[2, 5, 0.9], "both", 0],
    [[1, 30, 0.9], "background", 0],
  ] as const)("of an ant, %j is a mistake of %s and costs %d", (row, kind, cost) => {
    const { kinds: found, costs } = kinds([...row]);
    expect(found).toEqual(kind === "both" || kind === "background" ? [kind, "missed"] : [kind]);
    expect(costs[kind]).toBe(cost);
  });

  test("the second of two good ones is a duplicate, which costs nothing once all is found", () => {
    const { kinds: found, costs } = kinds([1, 0, 0.9], [1, 1, 0.8]);
    expect([found, costs.duplicate]).toEqual([["duplicate"], 0]);
  });

  test("a false alarm before the right one costs half", () => {
    expect(kinds([1, 40, 0.9], [1, 0, 0.8]).costs.background).toBe(0.5);
  });
});

test("the worst picture is the one with most missed objects and surest mistakes", () => {
  const mistake = { kind: "background", detection: 0, object: NONE, iou: 0 } as const;
  const mistakes = [
    { ...mistake, picture: 0, score: 0.6 },
    { ...mistake, picture: 1, score: 0.9 },
    { ...mistake, picture: 2, score: 0.5 },
    { ...mistake, picture: 2, score: 0.45 },
    { ...mistake, kind: "missed" as const, picture: 3, score: 0 },
  ];
  expect(worstPictures(mistakes, ["background"], 2).map(({ picture, mistakes }) => [picture, mistakes.length])).toEqual([
    [2, 2],
    [1, 1],
  ]);
  expect(worstPictures(mistakes, ["missed"], 9).map(({ picture }) => picture)).toEqual([3]);
});
