import { below, between, type Draw } from "../../random.js";
import type { RawObject } from "../types.js";

/** A drawing and what is in it. */
export interface Scene {
  svg: string;
  objects: Pick<RawObject, "name" | "box">[];
}

type Shape = (box: RawObject["box"]) => string;

/** Each touches all four sides of its box. */
const SHAPES: readonly Shape[] = [
  ([x1, y1, x2, y2]) => `<ellipse cx="${(x1 + x2) / 2}" cy="${(y1 + y2) / 2}" rx="${(x2 - x1) / 2}" ry="${(y2 - y1) / 2}"`,
  ([x1, y1, x2, y2]) => `<rect x="${x1}" y="${y1}" width="${x2 - x1}" height="${y2 - y1}"`,
  ([x1, y1, x2, y2]) => `<polygon points="${(x1 + x2) / 2},${y1} ${x2},${y2} ${x1},${y2}"`,
  ([x1, y1, x2, y2]) => `<polygon points="${(x1 + x2) / 2},${y1} ${x2},${(y1 + y2) / 2} ${(x1 + x2) / 2},${y2} ${x1},${(y1 + y2) / 2}"`,
];

/** What the classes are called when nobody says. */
export const SHAPE_NAMES = ["disc", "square", "triangle", "diamond"];

export interface SceneOptions {
  classes: readonly string[];
  size: number;
  /** at most so many; some pictures have none */
  maxObjects: number;
}

/** A picture of shapes that hardly overlap; class c has the shape and the hue of its number. */
export function drawScene(draw: Draw, { classes, size, maxObjects }: SceneOptions): Scene {
  const objects: Scene["objects"] = [];
  const wanted = below(draw, maxObjects + 1);
  for (let attempt = 0; attempt < 4 * wanted && objects.length < wanted; attempt++) {
    const name = classes[below(draw, classes.length)]!;
    const [width, height] = [between(draw, 0.12, 0.45), between(draw, 0.12, 0.45)].map((side) => Math.max(4, Math.round(side * size))) as [
      number,
      number,
    ];
    const [x, y] = [below(draw, size - width + 1), below(draw, size - height + 1)];
    const box: RawObject["box"] = [x, y, x + width, y + height];
    if (objects.every((other) => overlap(other.box, box) < 0.1)) objects.push({ name, box });
  }
  const shapes = objects.map(
    ({ name, box }) => `${SHAPES[classes.indexOf(name) % SHAPES.length]!(box)} fill="${colorOf(draw, classes, name)}"/>`,
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}">${background(draw, size)}${shapes.join("")}</svg>`;
  return { svg, objects };
}

function colorOf(draw: Draw, classes: readonly string[], name: string): string {
  const hue = (360 * classes.indexOf(name)) / classes.length + between(draw, -12, 12);
  return `hsl(${hue.toFixed(0)}, ${below(draw, 30) + 60}%, ${below(draw, 20) + 35}%)`;
}

/** A wall in two greys with a few lines: something that is not an object. */
function background(draw: Draw, size: number): string {
  const grey = () => `hsl(${below(draw, 360)}, 8%, ${below(draw, 25) + 65}%)`;
  const lines = Array.from({ length: 4 }, () => {
    const [x1, y1, x2, y2] = Array.from({ length: 4 }, () => below(draw, size));
    return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${grey()}" stroke-width="${1 + below(draw, 3)}"/>`;
  });
  const wall = `<rect width="${size}" height="${size}" fill="${grey()}"/><rect y="${below(draw, size)}" width="${size}" height="${size}" fill="${grey()}"/>`;
  return wall + lines.join("");
}

/** The common area as a share of the smaller box. */
function overlap(a: RawObject["box"], b: RawObject["box"]): number {
  const across = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const down = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const area = ([x1, y1, x2, y2]: RawObject["box"]) => (x2 - x1) * (y2 - y1);
  return (across * down) / Math.min(area(a), area(b));
}
