import { type DatasetProblem, problemText, table } from "@singleshot/vision";
import type { Examination } from "@singleshot/vision/node";

const LISTED = 100; // the JSON has all

/**
 * A report on a data set: what was found and what became of it, how often each kind of defect occurs, and each place.
 *
 *               found  ok  background  repaired  rejected
 *     pictures     12   9           1         1         1
 *     boxes        27  24                     1         2
 */
export function checkText({ classes, counts: { images, boxes }, problems, splits }: Examination): string {
  const rows = [
    ["", "found", "ok", "background", "repaired", "rejected"],
    ["pictures", ...[images.found, images.ok, images.background, images.repaired, images.rejected].map(number)],
    ["boxes", number(boxes.found), number(boxes.ok), "", number(boxes.repaired), number(boxes.rejected)],
  ];
  const lists = [
    `classes: ${classes.join(", ")}`,
    ...(splits.length > 0 ? [`splits: ${splits.map(({ name, images }) => `${name} (${number(images)})`).join(", ")}`] : []),
  ];
  return [lists.join("\n"), table(rows), ...kinds(problems), ...places(problems)].join("\n\n");
}

const number = (value: number) => value.toLocaleString("en-US");

function kinds(problems: readonly DatasetProblem[]): string[] {
  const counts = new Map<string, number>();
  for (const { action, kind } of problems) counts.set(`${action}: ${kind}`, (counts.get(`${action}: ${kind}`) ?? 0) + 1);
  const rows = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([name, count]) => [name, number(count)]);
  return rows.length > 0 ? [table([["what", "how often"], ...rows])] : [];
}

function places(problems: readonly DatasetProblem[]): string[] {
  if (problems.length === 0) return [];
  const rest = problems.length - LISTED;
  const lines = problems.slice(0, LISTED).map((problem) => `${problem.action}: ${problemText(problem)}`);
  return [[...lines, ...(rest > 0 ? [`and ${number(rest)} more: --json lists all`] : [])].join("\n")];
}
