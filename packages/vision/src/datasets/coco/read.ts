import { CROWD, DIFFICULT } from "../../sample.js";
import { type ReadOptions, readListedClasses } from "../header.js";
import { type PartPlace, readParts } from "../parts.js";
import { idsOf, namedPictureFinder } from "../picture-finder.js";
import type { Fault, RawDataset, RawImage, RawObject, RawStray } from "../types.js";
import { readCategories } from "./categories.js";
import { type CocoContent, idFault, idIn, type Row, readCocoContent, show } from "./content.js";
import { cocoParts } from "./files.js";

type Id = number | string;

/**
 * COCO's json before any rule. Objects are known by their ids. `iscrowd` objects are flagged, `ignore` is read as difficult. An object of
 * an unlisted category or picture is rejected, never taken for another.
 *
 * @throws InputError when a file is not such a file or there is no such split
 */
export async function readRawCoco(root: string, options: ReadOptions = {}): Promise<RawDataset> {
  const classes = options.classes ?? (options.labels === undefined ? undefined : readListedClasses(root, options));
  const parts = options.annotations === undefined ? cocoParts(root) : [];
  const raw = await readParts(root, options, parts, readPart);
  return classes ? { ...raw, classes: [...classes] } : raw;
}

function readPart({ annotations, source, folders, split }: PartPlace): RawDataset {
  const content = readCocoContent(annotations);
  const categories = readCategories(content, source);
  const objects = objectsByImage(content.annotations, categories.names);
  const images = imagesOf(content, objects, { source, find: namedPictureFinder(folders) });
  return {
    name: split,
    classes: categories.classes,
    images,
    strays: straysOf(objects, content.images, source),
    problems: categories.problems,
    origin: { categories: categories.rows },
  };
}

interface Placed {
  image: unknown;
  object: RawObject;
}

function objectsByImage(annotations: readonly Row[], names: ReadonlyMap<Id, string>): Map<Id | undefined, Placed[]> {
  const groups = new Map<Id | undefined, Placed[]>();
  annotations.forEach((row, i) => {
    const image = idIn(row.image_id);
    const placed = { image: row.image_id, object: objectOf(row, i, names) };
    const group = groups.get(image);
    if (group) group.push(placed);
    else groups.set(image, [placed]);
  });
  return groups;
}

function objectOf(row: Row, index: number, names: ReadonlyMap<Id, string>): RawObject {
  const category = idIn(row.category_id);
  const name = category === undefined ? undefined : names.get(category);
  const box = cornersOf(row.bbox);
  const fault = name === undefined ? categoryFault(row.category_id) : boxFault(row.bbox, box, name);
  return {
    name: name ?? "",
    box,
    flags: (row.iscrowd === 1 || row.iscrowd === true ? CROWD : 0) | (row.ignore === 1 || row.ignore === true ? DIFFICULT : 0),
    annotation: idIn(row.id) ?? `${index + 1} of the list`,
    ...(fault && { fault }),
    origin: { coco: row },
  };
}

function cornersOf(bbox: unknown): RawObject["box"] {
  const [x, y, width, height] = (Array.isArray(bbox) && bbox.length === 4 ? bbox : []).map(numberIn) as (number | undefined)[];
  const [left = Number.NaN, top = Number.NaN, across = Number.NaN, down = Number.NaN] = [x, y, width, height];
  return [left, top, left + across, top + down];
}

const numberIn = (value: unknown) => (typeof value === "number" ? value : Number.NaN);

function categoryFault(id: unknown): Fault {
  const problem = idIn(id) === undefined ? idFault("category_id", id).message : `category ${show(id)} is not listed`;
  return { kind: "unknown-class", message: problem };
}

function boxFault(bbox: unknown, [x1, y1, x2, y2]: RawObject["box"], name: string): Fault | undefined {
  const text = `bbox ${show(bbox)} of ${name}`;
  if (bbox === undefined || bbox === null) return { kind: "no-box", message: `the ${name} has no bbox` };
  if (!(Array.isArray(bbox) && bbox.length === 4)) return { kind: "no-box", message: `${text} is not [x, y, width, height]` };
  if (![x1, y1, x2, y2].every(Number.isFinite)) return { kind: "not-a-number", message: `${text} is not four numbers` };
  const missing = [x2 <= x1 && "width", y2 <= y1 && "height"].filter(Boolean).join(" and no ");
  return missing === "" ? undefined : { kind: "no-area", message: `${text} has no ${missing}` };
}

interface ImageContext {
  source: string;
  find: (filename: string) => string | Fault;
}

function imagesOf({ images }: CocoContent, objects: ReadonlyMap<Id | undefined, Placed[]>, context: ImageContext): RawImage[] {
  const nameOfImage = (row: Row) => (typeof row.file_name === "string" ? row.file_name : "");
  const ids = idsOf(images.map(nameOfImage));
  const seen = new Set<Id>();
  return images.map((row, i) => {
    const [filename, imageId] = [nameOfImage(row), idIn(row.id)];
    const again = imageId !== undefined && seen.has(imageId);
    if (imageId !== undefined) seen.add(imageId);
    const id = ids[i] || `picture ${imageId ?? `${i + 1} of the list`}`;
    const picture = again
      ? { kind: "duplicate-id", message: `picture ${imageId} is listed more than once` }
      : pictureOf(row, filename, context);
    return {
      id: again ? `${id} (again)` : id,
      source: context.source,
      ...(typeof picture === "string" ? { imageFile: picture } : { fault: picture }),
      ...sizeOf(row),
      objects: again || imageId === undefined ? [] : (objects.get(imageId) ?? []).map(({ object }) => object),
      origin: { coco: row },
    };
  });
}

function pictureOf(row: Row, filename: string, { find }: ImageContext): string | Fault {
  if (idIn(row.id) === undefined) return idFault("the picture's id", row.id);
  if (filename === "") return { kind: "missing-picture", message: `picture ${show(row.id)} has no file_name` };
  return find(filename);
}

function sizeOf({ width, height }: Row): Pick<RawImage, "declared"> {
  const [across, down] = [numberIn(width), numberIn(height)];
  return across > 0 && down > 0 && Number.isFinite(across + down) ? { declared: { width: across, height: down } } : {};
}

function straysOf(objects: ReadonlyMap<Id | undefined, Placed[]>, images: readonly Row[], source: string): RawStray[] {
  const listed = new Set(images.map(({ id }) => idIn(id)));
  listed.delete(undefined);
  return [...objects].flatMap(([image, group]) => {
    if (listed.has(image)) return [];
    return group.map((placed) => {
      const message = image === undefined ? idFault("image_id", placed.image).message : `picture ${show(image)} is not listed`;
      return { ...placed.object, source, fault: { kind: "unknown-picture", message } };
    });
  });
}
