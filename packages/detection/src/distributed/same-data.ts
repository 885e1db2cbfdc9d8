import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { type Dataset, InputError } from "@singleshot/vision";
import type { Team } from "./team.js";

/** Data sets by what they are for. */
export type DataSets = Readonly<Record<string, Dataset | undefined>>;

/** What is compared of a data set. */
interface Summary {
  classes: readonly string[];
  pictures: number;
  /** of everything that is marked in every picture */
  digest: string;
}

/**
 * Each process draws its part of an epoch from its own list of pictures: the lists have to be the same.
 *
 * @throws InputError on every rank, about the first that has other data than rank 0
 */
export async function requireSameData(team: Team, sets: DataSets): Promise<void> {
  if (team.size === 1) return;
  const own = Object.fromEntries(Object.entries(sets).map(([name, dataset]) => [name, dataset && summaryOf(dataset)]));
  const [first, ...others] = await team.gatherData({ host: hostname(), sets: own });
  for (const [i, other] of others.entries())
    for (const [name, summary] of Object.entries(first!.sets)) {
      const problem = difference(summary, other.sets[name]);
      if (problem === undefined) continue;
      throw new InputError(`rank ${i + 1} on ${other.host} has other data for ${name} than rank 0 on ${first!.host}: ${problem}`, {
        fix: "all processes read the same pictures and annotations: name the same data, or copy the folder again",
      });
    }
}

function summaryOf({ classes, entries }: Dataset): Summary {
  const hash = createHash("sha256");
  for (const { id, width, height, boxes, labels, flags } of entries) {
    hash.update(JSON.stringify([id, width, height, labels.length]));
    for (const marks of [boxes, labels, flags]) hash.update(marks);
  }
  return { classes, pictures: entries.length, digest: hash.digest("hex") };
}

function difference(first: Summary | undefined, other: Summary | undefined): string | undefined {
  if (first === undefined || other === undefined) return first === other ? undefined : `${other === undefined ? "none" : "some"} there`;
  if (other.classes.join() !== first.classes.join()) return `the classes ${other.classes.join(", ")}, not ${first.classes.join(", ")}`;
  if (other.pictures !== first.pictures) return `${other.pictures} ${other.pictures === 1 ? "picture" : "pictures"}, not ${first.pictures}`;
  return other.digest === first.digest ? undefined : "as many pictures, but other ones, or other boxes in them";
}
