import { InputError } from "@singleshot/base";
import { expect } from "vitest";
import type { Dataset } from "../types.js";

/** Problems as short lines. */
export const summary = ({ problems }: Pick<Dataset, "problems">): string[] =>
  problems.map(({ file, line, annotation, kind, action, message }) => {
    return `${file}${line ? `:${line}` : ""}${annotation !== undefined ? ` #${annotation}` : ""} ${kind} ${action}: ${message}`;
  });

/** found = ok + background + repaired + rejected, for pictures and boxes, in counts, details and entries. */
export function expectConsistent({ counts: { images, boxes }, details, entries, problems }: Dataset): void {
  expect(images.found).toBe(images.ok + images.background + images.repaired + images.rejected);
  expect(boxes.found).toBe(boxes.ok + boxes.repaired + boxes.rejected);
  expect(details.length).toBe(images.found);
  expect(entries.length).toBe(images.found - images.rejected);
  expect(entries.reduce((total, { labels }) => total + labels.length, 0)).toBe(boxes.ok + boxes.repaired);
  for (const problem of problems) expect(problem.file).not.toBe("");
}

/** Whatever the files hold: the sums are right, what is used is usable, and JavaScript's own objects are as they were. */
export function expectUsable(dataset: Dataset): void {
  expectConsistent(dataset);
  const { classes, entries } = dataset;
  for (const { boxes, labels, width, height, id } of entries) {
    labels.forEach((label, i) => {
      const [x1, y1, x2, y2] = boxes.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
      expect(x1 >= 0 && y1 >= 0 && x2 <= width && y2 <= height && x1 < x2 && y1 < y2, `${id}: ${[x1, y1, x2, y2]}`).toBe(true);
      expect(classes[label - 1], id).toBeDefined();
    });
  }
  expect(Object.keys(Object.prototype)).toEqual([]);
}

/** The one message of wrong input. */
export const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "no error",
    (error) => (error instanceof InputError ? error.message : `not an InputError: ${error?.stack}`),
  );
