import { checkDataset } from "./check.js";
import { dataPlaces, type ReadDatasetOptions, readRawDataset, splitsOfPlaces } from "./read.js";
import type { Dataset, RawDataset, RawObject } from "./types.js";
import type { WrittenDataset, WrittenImage, WrittenSplit } from "./writing/index.js";

export interface Collected {
  /** what can be used, with all that its format knows of it */
  written: WrittenDataset;
  /** the reports, one a split */
  checked: Dataset[];
}

/** For pictures that no split lists. */
const UNLISTED = "unlisted";

/**
 * Reads a whole data set, split by split, for writing it again: repaired where it can be, without what cannot be used. Pictures that no
 * split lists come last.
 *
 * @param splits the ones that are wanted; all when left out
 */
export async function collectDataset(
  roots: string | readonly string[],
  { splits, ...options }: Omit<ReadDatasetOptions, "split"> & { splits?: readonly string[] } = {},
): Promise<Collected> {
  const names = splits ?? splitsOfPlaces(dataPlaces(roots, options)).filter((name) => !name.includes("/"));
  const raws: { name?: string; raw: RawDataset }[] = [];
  for (const name of options.annotations === undefined ? names : []) {
    raws.push({ name, raw: await readRawDataset(roots, { ...options, split: name }) });
  }
  const rest = splits === undefined || names.length === 0 ? await readRest(roots, options, raws) : undefined;
  const parts = rest ? [...raws, rest] : raws;
  const checked = await Promise.all(parts.map(({ raw }) => checkDataset(raw)));
  const images = parts.map(({ raw }, i) => writtenImages(raw, checked[i]!));
  const classes = [...new Set(parts.flatMap(({ raw }) => raw.classes))];
  const categories = new Map(parts.flatMap(({ raw }) => [...(raw.origin?.categories ?? [])]));
  const splitsFound = parts.map(({ name }, i): WrittenSplit => ({ ...(name !== undefined && { name }), images: images[i]! }));
  return { written: { classes, splits: withDistinctIds(splitsFound), origin: { categories } }, checked };
}

/** Everything where there are no splits; else what is in none of them. */
async function readRest(
  roots: string | readonly string[],
  options: ReadDatasetOptions,
  raws: readonly { raw: RawDataset }[],
): Promise<{ name?: string; raw: RawDataset } | undefined> {
  const raw = await readRawDataset(roots, options);
  if (raws.length === 0) return { raw };
  const listed = new Set(raws.flatMap(({ raw }) => raw.images.map(({ imageFile }) => imageFile)));
  const images = raw.images.filter(({ imageFile }) => imageFile !== undefined && !listed.has(imageFile));
  return images.length > 0 ? { name: UNLISTED, raw: { ...raw, images, strays: [], problems: [] } } : undefined;
}

/** The usable pictures of a data set with their boxes as they are to be written. */
export function writtenImages({ images }: RawDataset, { details, entries }: Dataset): WrittenImage[] {
  const entryOf = new Map(entries.map((entry) => [entry.id, entry]));
  return images.flatMap(({ id, objects, origin }, i): WrittenImage[] => {
    const { status, boxes } = details[i]!;
    if (status === "rejected") return [];
    const { imageFile, width, height } = entryOf.get(id)!;
    const kept = objects.flatMap((object, j): RawObject[] => {
      const { status, box, result } = boxes[j]!;
      return status === "rejected" ? [] : [{ ...object, box: status === "ok" ? cornersOf(box) : repaired(box, result!) }];
    });
    return [{ id, imageFile, width, height, objects: kept, ...(origin && { origin }) }];
  });
}

const cornersOf = ([x1, y1, x2, y2]: readonly number[]): RawObject["box"] => [x1!, y1!, x2!, y2!];

/** What was not changed has its own digits again instead of those of a 32-bit number. */
function repaired(box: readonly number[], result: readonly number[]): RawObject["box"] {
  return cornersOf(result.map((value) => box.find((own) => Math.fround(own) === value) ?? value));
}

/** A picture that several splits list is one; two pictures of one name in two splits get the splits' names. */
function withDistinctIds(splits: readonly WrittenSplit[]): WrittenSplit[] {
  const files = new Map<string, Set<string>>();
  for (const { id, imageFile } of splits.flatMap(({ images }) => images)) files.set(id, (files.get(id) ?? new Set()).add(imageFile));
  const known = new Map<string, WrittenImage>();
  return splits.map(({ name, images }) => ({
    ...(name !== undefined && { name }),
    images: images.map((image) => {
      const first = known.get(image.imageFile);
      if (first) return first;
      const isShared = files.get(image.id)!.size > 1;
      const distinct = isShared && name !== undefined ? { ...image, id: `${name}_${image.id}` } : image;
      known.set(image.imageFile, distinct);
      return distinct;
    }),
  }));
}
