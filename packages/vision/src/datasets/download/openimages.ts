import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "@singleshot/base";
import { probePicture } from "../../images/index.js";
import { randomOf } from "../../random.js";
import { noSuchClass } from "../class-list.js";
import { mapLimited } from "../map-limited.js";
import { annotationTable, type Fields, readDescriptions, readRows } from "../openimages/index.js";
import { isSafeName } from "../places.js";
import { lines, writeText } from "../writing/index.js";
import { type DownloadOptions, downloadFile, HttpRefusal } from "./file.js";
import { type SelectionOptions, type SplitRows, selectRows } from "./selection.js";

/** Release 2018_04, whose boxes are those of Open Images V4. */
export const OPEN_IMAGES = {
  tables: "https://storage.googleapis.com/openimages/2018_04",
  pictures: "https://open-images-dataset.s3.amazonaws.com",
};

const SPLITS = ["train", "validation", "test"];
const DESCRIPTIONS = "class-descriptions-boxable.csv";

export interface OpenImagesOptions extends SelectionOptions, Pick<DownloadOptions, "retries" | "waitMs" | "signal"> {
  /** by name, upper and lower case alike */
  classNames: readonly string[];
  /** drawings and the like, too */
  includeDepiction?: boolean;
  /** pictures fetched at the same time */
  workers?: number;
  /** counts alone: no picture is fetched, nothing is written but the tables that were read */
  statsOnly?: boolean;
  seed?: number;
  /** other servers than Google's and Amazon's */
  source?: { tables: string; pictures: string };
  onTable?: (file: string) => void;
  onPicture?: (progress: { done: number; total: number; failed?: string }) => void;
}

export interface OpenImagesResult {
  splits: { split: string; images: number; boxes: number; classes: Record<string, number> }[];
  /** pictures that the server does not have, or that are none */
  failed: { file: string; reason: string }[];
}

/**
 * Fetches some classes of Open Images: `sub-<split>-annotations-bbox.csv` and `<split>/<id>.jpg`, as jetson's open_images_downloader.py
 * lays them out. What is there already is not fetched again.
 *
 * @throws InputError for a class that there is none of, or when a table cannot be fetched
 */
export async function downloadOpenImages(root: string, options: OpenImagesOptions): Promise<OpenImagesResult> {
  const { source = OPEN_IMAGES, seed = 0, statsOnly = false } = options;
  const labels = await labelsOf(root, options);
  const all: SplitRows[] = [];
  for (const split of SPLITS) {
    const name = `${split}-annotations-bbox.csv`;
    await fetchTable(`${source.tables}/${split}/${name}`, join(root, name), options);
    all.push({ split, rows: await wantedRows(join(root, name), labels, options) });
  }
  const chosen = selectRows(all, options, randomOf(seed));
  const splits = chosen.map(summaryOf);
  if (statsOnly) return { splits, failed: [] };
  for (const { split, rows } of chosen) await writeText(join(root, `sub-${split}-annotations-bbox.csv`), annotationTable(rows));
  await writeText(join(root, "labels.txt"), lines([...new Set(labels.values())].sort()));
  return { splits, failed: await fetchPictures(root, chosen, options) };
}

/** `/m/011k07` → `Tortoise`, for the classes that are wanted. */
async function labelsOf(root: string, options: OpenImagesOptions): Promise<Map<string, string>> {
  const { source = OPEN_IMAGES, classNames } = options;
  await fetchTable(`${source.tables}/${DESCRIPTIONS}`, join(root, DESCRIPTIONS), options);
  const descriptions = await readDescriptions(join(root, DESCRIPTIONS));
  const byName = new Map([...descriptions].map(([label, name]) => [name.toLowerCase(), label]));
  return new Map(
    classNames.map((name) => {
      const label = byName.get(name.toLowerCase());
      if (label === undefined) throw descriptions.size > 100 ? unknown(name, descriptions) : noSuchClass(name, [...descriptions.values()]);
      return [label, descriptions.get(label)!];
    }),
  );
}

function unknown(name: string, descriptions: ReadonlyMap<string, string>): InputError {
  const { problem, place } = noSuchClass(name, [...descriptions.values()]);
  return new InputError(problem, {
    ...place,
    fix: place.fix?.startsWith("did") ? place.fix : `${DESCRIPTIONS} lists all ${descriptions.size}`,
  });
}

async function fetchTable(url: string, file: string, options: OpenImagesOptions): Promise<void> {
  if (existsSync(file)) return;
  options.onTable?.(file);
  await downloadFile(url, file, options);
}

async function wantedRows(
  file: string,
  labels: ReadonlyMap<string, string>,
  { includeDepiction = false }: OpenImagesOptions,
): Promise<Fields[]> {
  const rows: Fields[] = [];
  await readRows(file, (row) => {
    const name = labels.get(row.get("LabelName") ?? "");
    if (name === undefined || !isId(row.get("ImageID")) || (!includeDepiction && row.get("IsDepiction") === "1")) return;
    rows.push(new Map([...row, ["ClassName", name]]));
  });
  return rows;
}

/** A name without folders: nothing that a table says leads out of the data set. */
const isId = (id: string | undefined): boolean => id !== undefined && isSafeName(id) && !/[\\/]/.test(id);

function summaryOf({ split, rows }: SplitRows): OpenImagesResult["splits"][number] {
  const classes = new Map<string, number>();
  for (const row of rows) classes.set(row.get("ClassName")!, (classes.get(row.get("ClassName")!) ?? 0) + 1);
  return { split, images: new Set(rows.map((row) => row.get("ImageID"))).size, boxes: rows.length, classes: Object.fromEntries(classes) };
}

async function fetchPictures(root: string, splits: readonly SplitRows[], options: OpenImagesOptions): Promise<OpenImagesResult["failed"]> {
  const { source = OPEN_IMAGES, workers = 10, onPicture } = options;
  const wanted = splits.flatMap(({ split, rows }) =>
    [...new Set(rows.map((row) => row.get("ImageID")!))].map((id) => `${split}/${id}.jpg`),
  );
  const failed: OpenImagesResult["failed"] = [];
  let done = 0;
  await mapLimited(wanted, workers, async (name) => {
    const reason = existsSync(join(root, name)) ? undefined : await fetchPicture(`${source.pictures}/${name}`, join(root, name), options);
    if (reason !== undefined) failed.push({ file: name, reason });
    onPicture?.({ done: ++done, total: wanted.length, ...(reason !== undefined && { failed: `${name}: ${reason}` }) });
  });
  return failed.sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** Why it could not be fetched, if it could not. */
async function fetchPicture(url: string, file: string, options: OpenImagesOptions): Promise<string | undefined> {
  try {
    await downloadFile(url, file, options);
  } catch (error) {
    if (error instanceof HttpRefusal) return `the server answers ${error.status}`;
    if (error instanceof InputError) return error.message;
    throw error;
  }
  const problem = await probePicture(file).then(
    () => undefined,
    (error: Error) => error.message,
  );
  if (problem !== undefined) await rm(file);
  return problem;
}
