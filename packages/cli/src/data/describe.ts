import { type Dataset, NO_CLASS, problemText } from "@singleshot/vision";
import { count } from "../terminal/index.js";

const LISTED = 20; // a data set in another format than thought has thousands

/**
 * What a data set holds, and everything in it that is left out or was repaired.
 *
 *     train: 205 pictures, 2,547 boxes: 155 Platelets, 2,237 RBC, 155 WBC
 *     1 box left out:
 *       Annotations/BloodImage_00338.xml, line 50, object 4: box [181, 329, 181, 329] of RBC has no width and no height
 */
export function describeDataset(dataset: Dataset): string {
  return [contents(dataset), ...defects(dataset), ...remarks(dataset)].join("\n");
}

function contents({ name, split, entries, classes }: Dataset): string {
  const perClass = new Array<number>(classes.length).fill(0);
  for (const { labels } of entries) for (const label of labels) perClass[label - 1]!++;
  const boxes = perClass.reduce((total, number) => total + number, 0);
  const list = classes.flatMap((className, i) => (className === NO_CLASS ? [] : `${perClass[i]!.toLocaleString("en-US")} ${className}`));
  return `${split ?? name}: ${count(entries.length, "picture")}, ${count(boxes, "box", "boxes")}: ${list.join(", ")}`;
}

/** What is to be known of the files as a whole, of a list that stands for another for instance. */
function remarks({ problems }: Dataset): string[] {
  return problems.filter(({ action, image }) => action === "note" && image === undefined).map((problem) => `note: ${problemText(problem)}`);
}

function defects({ counts, problems }: Dataset): string[] {
  const { images, boxes } = counts;
  const numbers = [
    images.rejected > 0 && `${count(images.rejected, "picture")} left out`,
    boxes.rejected > 0 && `${count(boxes.rejected, "box", "boxes")} left out`,
    boxes.repaired > 0 && `${count(boxes.repaired, "box", "boxes")} repaired`,
  ].filter((part) => part !== false);
  const named = problems.filter(({ action }) => action !== "note");
  if (numbers.length === 0 && named.length === 0) return [];
  const rest = named.length - LISTED;
  return [
    `${numbers.join(", ")}:`,
    ...named.slice(0, LISTED).map((problem) => `  ${problemText(problem)}`),
    ...(rest > 0 ? [`  and ${rest.toLocaleString("en-US")} more`] : []),
  ];
}
