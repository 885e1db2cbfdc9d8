import { type PictureInfo, probePicture } from "../images/index.js";
import { inPixels, judgeBox, type Verdict } from "./boxes.js";
import { mapLimited } from "./map-limited.js";
import type { BoxDetail, Dataset, DatasetEntry, DatasetProblem, Fault, ImageDetail, RawDataset, RawImage, RawStray } from "./types.js";

/** How many pictures' headers are read at the same time. */
const PROBES_AT_ONCE = 8;

/**
 * Applies the rules that hold for every format: which pictures and boxes can be used, which are repaired, which are left out, and why.
 * Reads the header of every picture (size, orientation), decodes none.
 */
export async function checkDataset({ name, split, classes, images, strays = [], problems: found = [] }: RawDataset): Promise<Dataset> {
  const labels = new Map(classes.map((className, i) => [className, i + 1]));
  const checked = await mapLimited(withDuplicatesMarked(images), PROBES_AT_ONCE, (image) => checkImage(image, labels));
  const details = checked.map(({ detail }) => detail);
  const entries = checked.flatMap(({ entry }) => entry ?? []);
  const problems = [...found, ...checked.flatMap((image) => image.problems), ...strays.map(strayProblem)];
  if (entries.length === 0) problems.push(nothingUsable(name, images.length));
  const counts = countsOf(details, strays.length);
  return { name, ...(split !== undefined && { split }), classes: [...classes], entries, problems, counts, details };
}

/** Of several pictures with one id the first counts. Boxes that the others repeat are not counted again. */
function withDuplicatesMarked(images: readonly RawImage[]): RawImage[] {
  const firsts = new Map<string, RawImage>();
  return images.map((image) => {
    const first = firsts.get(image.id);
    if (!first) firsts.set(image.id, image);
    if (!first) return image;
    const fault = { kind: "duplicate-id", message: `${image.id} is listed more than once` };
    return { ...image, objects: hasSameObjects(first, image) ? [] : image.objects, fault };
  });
}

function hasSameObjects({ objects: a }: RawImage, { objects: b }: RawImage): boolean {
  const isSame = (object: RawImage["objects"][number], i: number) =>
    object.name === b[i]!.name && object.box.every((value, side) => Object.is(value, b[i]!.box[side]));
  return a.length === b.length && a.every(isSame);
}

interface CheckedImage {
  entry?: DatasetEntry;
  detail: ImageDetail;
  problems: DatasetProblem[];
}

async function checkImage(raw: RawImage, labels: ReadonlyMap<string, number>): Promise<CheckedImage> {
  const picture = raw.fault ?? (await inspectPicture(raw));
  if ("kind" in picture) return rejectImage(raw, picture);
  const objects = raw.relative ? raw.objects.map((object) => ({ ...object, box: inPixels(object.box, picture) })) : raw.objects;
  const verdicts = objects.map((object) => judgeBox(object, labels, picture));
  const kept = verdicts.filter(({ status }) => status !== "rejected");
  const size: [number, number] = [picture.width, picture.height];
  const boxes = objects.map((object, i) => boxDetail(object, verdicts[i]!));
  const problems = [
    ...notesOf(raw, [...(raw.notes ?? []), ...picture.notes]),
    ...boxProblems(raw, verdicts),
    ...repeatedBoxes(raw, verdicts),
  ];
  if (kept.length === 0 && verdicts.length > 0) {
    const reason = `the picture lost ${verdicts.length === 1 ? "its only box" : `all its ${verdicts.length} boxes`}`;
    problems.push({ file: raw.source, image: raw.id, kind: "no-boxes-left", action: "rejected", message: reason });
    return { detail: { image: raw.id, status: "rejected", reason, size, boxes }, problems };
  }
  const status = verdicts.length === 0 ? "background" : verdicts.every((verdict) => verdict.status === "ok") ? "ok" : "repaired";
  return { entry: entryOf(raw, size, kept), detail: { image: raw.id, status, size, boxes }, problems };
}

function notesOf({ source, id }: RawImage, notes: readonly Fault[]): DatasetProblem[] {
  return notes.map((note) => ({ file: source, image: id, ...note, action: "note" }));
}

/** The same box of the same class again: most likely a slip, but it does no harm. */
function repeatedBoxes({ source, id, objects }: RawImage, verdicts: readonly Verdict[]): DatasetProblem[] {
  const seen = new Set<string>();
  return objects.flatMap(({ name, line, annotation }, i) => {
    const { box, label } = verdicts[i]!;
    if (box === undefined) return [];
    const key = [label, ...box].join(" ");
    const message = `box [${box.join(", ")}] of ${name} is there already`;
    const isAgain = seen.has(key);
    seen.add(key);
    return isAgain
      ? [{ file: source, ...(line && { line }), annotation, image: id, kind: "duplicate-box", action: "note" as const, message }]
      : [];
  });
}

function boxProblems({ source, id, objects }: RawImage, verdicts: readonly Verdict[]): DatasetProblem[] {
  return objects.flatMap(({ line, annotation }, i) => {
    const { status, kind, reason } = verdicts[i]!;
    if (status === "ok") return [];
    return { file: source, ...(line && { line }), annotation, image: id, kind: kind!, action: status, message: reason! };
  });
}

function strayProblem({ source, line, annotation, fault }: RawStray): DatasetProblem {
  return { file: source, ...(line && { line }), annotation, action: "rejected", ...fault };
}

const TURNED: Fault = {
  kind: "exif-orientation",
  message: "the picture is turned upright as its EXIF orientation asks: were the boxes drawn on it upright?",
};

/** The picture's header, and how its size fits the annotation's: boxes that were drawn on another picture are of no use. */
async function inspectPicture(raw: RawImage): Promise<Fault | (PictureInfo & { notes: Fault[] })> {
  const info = await probePicture(raw.imageFile!).catch((error: Error) => error);
  if (info instanceof Error) return { kind: "broken-picture", message: info.message };
  const { declared, objects } = raw;
  const isTurned = info.width !== info.storedWidth;
  if (!declared && isTurned && objects.length > 0) return { ...info, notes: [TURNED] };
  if (!declared || (declared.width === info.width && declared.height === info.height)) return { ...info, notes: [] };
  const message = `the annotation is for ${declared.width} x ${declared.height} pixels, the picture has ${info.width} x ${info.height}`;
  const unturned = declared.width === info.storedWidth && declared.height === info.storedHeight;
  if (unturned && objects.length > 0)
    return { kind: "rotated", message: `${message} once it is turned upright as its EXIF orientation asks` };
  const reachesOut = (size: { width: number; height: number }) =>
    objects.some(({ box }) => Math.max(box[0], box[2]) > size.width || Math.max(box[1], box[3]) > size.height);
  const mismatch = { kind: "size-mismatch", message };
  return reachesOut(info) && !reachesOut(declared) ? mismatch : { ...info, notes: [mismatch] };
}

function rejectImage(raw: RawImage, { kind, message, line }: Fault): CheckedImage {
  const { source, id, objects, notes = [] } = raw;
  const boxes = objects.map(({ name, box }): BoxDetail => ({ class: name, box, status: "rejected", reason: message }));
  return {
    detail: { image: id, status: "rejected", reason: message, boxes },
    problems: [...notesOf(raw, notes), { file: source, ...(line && { line }), image: id, kind, action: "rejected", message }],
  };
}

function entryOf(raw: RawImage, [width, height]: [number, number], kept: readonly Verdict[]): DatasetEntry {
  return {
    id: raw.id,
    imageFile: raw.imageFile!,
    width,
    height,
    boxes: Float32Array.from(kept.flatMap(({ box }) => box!)),
    labels: Int32Array.from(kept, ({ label }) => label!),
    flags: Uint8Array.from(kept, ({ flags }) => flags),
    source: raw.source,
  };
}

function boxDetail({ name, box }: RawImage["objects"][number], { status, box: result, reason }: Verdict): BoxDetail {
  return { class: name, box, status, ...(result && { result }), ...(reason && { reason }) };
}

function nothingUsable(name: string, found: number): DatasetProblem {
  const message = found === 0 ? "there is no picture in it" : `none of its ${found} pictures can be used`;
  return { file: name, kind: "nothing-usable", action: "fatal", message };
}

function countsOf(details: readonly ImageDetail[], strays: number): Dataset["counts"] {
  const images = { found: details.length, ok: 0, background: 0, repaired: 0, rejected: 0 };
  const boxes = { found: strays, ok: 0, repaired: 0, rejected: strays };
  for (const detail of details) {
    images[detail.status]++;
    for (const { status } of detail.boxes) boxes[status]++;
    boxes.found += detail.boxes.length;
  }
  return { images, boxes };
}
