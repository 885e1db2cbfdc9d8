import type { RunConfig } from "@singleshot/detection";
import { InputError } from "@singleshot/vision";
import { type DataPlace, dataPlaces, type ReadDatasetOptions, type ReadingRules } from "@singleshot/vision/node";
import type { DataFlags } from "../options/index.js";
import { shellWord, shortPath } from "../terminal/index.js";

/** Where a data set lies and how it is read. */
export interface DataSource {
  roots: string[];
  /** what lies in each */
  places: DataPlace[];
  options: ReadDatasetOptions;
}

/** @throws InputError when no data set is named, or what is named holds none */
export function dataSource(
  { data, dataset, annotations, images, labels, categoryIds, ...rules }: DataFlags & Pick<ReadDatasetOptions, "categoryIds">,
  { missing = "name the folder of the data set", as = "--data" } = {},
): DataSource {
  if (data === undefined && annotations === undefined) throw new InputError("--data is missing", { fix: missing });
  if (data !== undefined && annotations !== undefined) throw new InputError("--annotations stands for --data: name one or the other");
  const options: ReadDatasetOptions = {
    as,
    ...(dataset !== undefined && dataset !== "auto" && { format: dataset }),
    ...(annotations !== undefined && { annotations }),
    ...(images !== undefined && { images }),
    ...(labels !== undefined && { labels }),
    ...(categoryIds && { categoryIds }),
    ...rulesOf(rules),
  };
  const roots = data ?? [];
  return { roots, places: dataPlaces(roots, options), options };
}

const rulesOf = ({ pixelsFrom, groups }: ReadingRules): ReadingRules => ({
  ...(pixelsFrom !== undefined && { pixelsFrom }),
  ...(groups !== undefined && { groups }),
});

/** Where a run's data set lies: where the flags say, else where it was in training. Either way it is understood as it was there. */
export function sourceOfRun({ root, dataset, split: _, ...files }: RunConfig["data"], flags: DataFlags): DataSource {
  if (flags.data !== undefined || flags.annotations !== undefined) return dataSource({ ...rulesOf(files), ...flags });
  const data = files.annotations === undefined ? { data: [root].flat() } : {};
  return dataSource({ ...files, ...rulesOf(flags), ...data, dataset: dataset as NonNullable<DataFlags["dataset"]> });
}

/** The flags that name a data set once more, as one may paste them into a shell. */
export function dataFlags({ roots, options: { annotations, images, labels, pixelsFrom, groups } }: DataSource): string {
  const flag = (name: string, path: string | undefined) => (path === undefined ? [] : [`--${name}`, shellWord(shortPath(path))]);
  const words = [
    ...roots.flatMap((root) => flag("data", root)),
    ...flag("annotations", annotations),
    ...flag("images", images),
    ...flag("labels", labels),
    ...(pixelsFrom === undefined ? [] : ["--pixels-from", String(pixelsFrom)]),
    ...(groups === undefined ? [] : ["--groups", groups]),
  ];
  return words.join(" ");
}
