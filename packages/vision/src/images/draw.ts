import type { Detections, Marks, Picture } from "../sample.js";
import { colorOfClass, textColorOn } from "./color-of-class.js";
import { asSharp } from "./encode.js";
import { placeTag, type Rectangle } from "./place-tag.js";
import { textSvg, textWidth } from "./text.js";

export interface DrawOptions {
  /** drawn in white dashes under the detections */
  groundTruth?: Pick<Marks, "boxes">;
  /** smaller pictures are enlarged so that the shorter side has so many pixels and the labels can be read */
  minSidePx?: number;
}

/**
 * A picture with boxes in the colours of their classes, each with name and score. Tags avoid one another as far as there is room.
 *
 * @param detections without `scores` the names stand alone: ground truth, for instance
 * @param classes label l is `classes[l - 1]`
 * @returns a new picture, larger than the given one if that is very small
 */
export async function drawDetections(
  image: Picture,
  detections: Pick<Detections, "boxes" | "labels"> & { scores?: Float32Array },
  classes: readonly string[],
  { groundTruth, minSidePx = 480 }: DrawOptions = {},
): Promise<Picture> {
  const scale = Math.max(1, Math.min(minSidePx / Math.min(image.width, image.height), MAX_SIDE_PX / Math.max(image.width, image.height)));
  const size = { width: Math.round(image.width * scale), height: Math.round(image.height * scale) };
  const unit = unitOf(size);
  const { boxes, labels, scores } = detections;
  const tags: Rectangle[] = [];
  const truth = rectangles(groundTruth?.boxes ?? new Float32Array(0), scale).map((box) => truthSvg(box, unit));
  const found = rectangles(boxes, scale).map((box, i) => {
    const label = labels[i]!;
    const text = [classes[label - 1] ?? `class ${label}`, scores?.[i]?.toFixed(2)].filter(Boolean).join(" ");
    return { box, text, color: colorOfClass(label) };
  });
  const frames = found.map(({ box, color }) => frameSvg(box, color, unit));
  const labelled = found.map(({ box, text, color }) => {
    const own = Math.min(unit, size.width / (textWidth(text, 13) + 6)); // a long name in a narrow picture is written smaller
    const tag = placeTag(box, { width: textWidth(text, 13 * own) + 6 * own, height: 17 * own }, tags, size);
    tags.push(tag);
    return tagSvg(tag, text, color, own);
  });
  return overlay(image, size, [...truth, ...frames, ...labelled]);
}

/** What letters and lines are measured in: readable when the picture fills a screen, however long it is, and never out of all proportion. */
function unitOf({ width, height }: { width: number; height: number }): number {
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  return Math.max(short / 480, Math.min(long / 1600, short / 120));
}

/** No picture is enlarged beyond it: of 4 x 2000 pixels, for instance. */
const MAX_SIDE_PX = 4096;

function rectangles(boxes: Float32Array, scale: number): Rectangle[] {
  return Array.from({ length: boxes.length / 4 }, (_, i) => {
    const [x1, y1, x2, y2] = Array.from(boxes.subarray(4 * i, 4 * i + 4), (value) => value * scale) as [number, number, number, number];
    return { x: x1, y: y1, width: x2 - x1, height: y2 - y1 };
  });
}

function frameSvg(box: Rectangle, color: string, unit: number): string {
  return `<rect ${sides(box)} fill="none" stroke="${color}" stroke-width="${2 * unit}"/>`;
}

/** White dashes on a dark line show on any picture. */
function truthSvg(box: Rectangle, unit: number): string {
  const line = (color: string, dashes: string) =>
    `<rect ${sides(box)} fill="none" stroke="${color}" stroke-width="${1.5 * unit}" ${dashes}/>`;
  return line("#000000", 'stroke-opacity="0.6"') + line("#ffffff", `stroke-dasharray="${5 * unit} ${4 * unit}"`);
}

function tagSvg(tag: Rectangle, text: string, color: string, unit: number): string {
  const letters = textSvg(text, { x: tag.x + 3 * unit, y: tag.y + 13 * unit, sizePx: 13 * unit, color: textColorOn(color) });
  return `<rect ${sides(tag)} fill="${color}" fill-opacity="0.85"/>${letters}`;
}

const sides = ({ x, y, width, height }: Rectangle) => `x="${x}" y="${y}" width="${width}" height="${height}"`;

/** The picture in another size, with SVG elements over it. */
export async function overlay(
  image: Picture,
  { width, height }: { width: number; height: number },
  elements: readonly string[],
): Promise<Picture> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${elements.join("")}</svg>`;
  const resized = await asSharp(image).resize({ width, height, fit: "fill" }).raw().toBuffer();
  const drawn = asSharp({ data: resized, width, height }).composite([{ input: Buffer.from(svg) }]);
  const data = await drawn.removeAlpha().raw().toBuffer();
  return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), width, height };
}
