import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Picture } from "../sample.js";
import { colorOfClass, textColorOn } from "./color-of-class.js";
import { contactSheet } from "./contact-sheet.js";
import { drawDetections } from "./draw.js";
import { placeTag } from "./place-tag.js";
import { textSvg, textWidth } from "./text.js";

const grey = (width: number, height: number): Picture => ({ data: new Uint8Array(3 * width * height).fill(128), width, height });
const pixel = ({ data, width }: Picture, x: number, y: number) => [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
const rgb = (color: string) => [1, 3, 5].map((i) => Number.parseInt(color.slice(i, i + 2), 16));
const one = { boxes: Float32Array.of(100, 100, 300, 200), labels: Int32Array.of(1), scores: Float32Array.of(0.87) };

describe("drawing", () => {
  test("a frame in the class's colour, and a readable tag above it", async () => {
    const image = grey(640, 480);
    const drawn = await drawDetections(image, one, ["cat"]);
    expect([drawn.width, drawn.height, drawn.data.length]).toEqual([640, 480, 3 * 640 * 480]);
    for (const [x, y] of [
      [100, 150],
      [300, 150],
      [200, 200],
    ] as const)
      expect(pixel(drawn, x, y)).toEqual(rgb(colorOfClass(1)));
    expect(pixel(drawn, 200, 150)).toEqual([128, 128, 128]);
    const tag = Array.from({ length: 60 * 15 }, (_, i) => pixel(drawn, 102 + (i % 60), 84 + Math.floor(i / 60)));
    const dark = tag.filter(([r, g, b]) => r! + g! + b! < 120).length;
    expect(dark).toBeGreaterThan(100); // letters
    expect(dark).toBeLessThan(450);
    expect(Buffer.compare(image.data, grey(640, 480).data)).toBe(0); // the given picture stays as it is
  });

  test("ground truth is dashed white on dark; without detections it stands alone", async () => {
    const nothing = { boxes: new Float32Array(0), labels: new Int32Array(0) };
    const drawn = await drawDetections(grey(640, 480), nothing, [], { groundTruth: one });
    const edge = Array.from({ length: 180 }, (_, i) => pixel(drawn, 110 + i, 100)[0]!);
    expect(edge.some((value) => value > 190)).toBe(true);
    expect(edge.some((value) => value < 100)).toBe(true);
    expect(pixel(drawn, 200, 150)).toEqual([128, 128, 128]);
  });

  test("a small picture is enlarged until labels can be read, a large one is not shrunk", async () => {
    const box = { boxes: Float32Array.of(8, 8, 24, 24), labels: Int32Array.of(2) };
    const small = await drawDetections(grey(48, 32), box, ["a", "b"]);
    expect([small.width, small.height]).toEqual([720, 480]);
    expect(pixel(small, 8 * 15, 16 * 15)).toEqual(rgb(colorOfClass(2)));
    expect((await drawDetections(grey(2000, 1000), box, ["a", "b"])).width).toBe(2000);
    expect((await drawDetections(grey(1024, 2), box, ["a", "b"])).width).toBe(4096);
  });

  test("names are as large in a long picture as one must see it from afar, and never wider than the picture", async () => {
    const lettersIn = async (across: number, down: number, name: string) => {
      const box = { boxes: Float32Array.of(0.2 * across, 0.5 * down, 0.3 * across, 0.6 * down), labels: Int32Array.of(1) };
      const { data, width, height } = await drawDetections(grey(across, down), box, [name]);
      const dark = Array.from({ length: width * height }, (_, i) => i).filter((i) => data[3 * i]! < 40);
      const rows = new Set(dark.map((i) => Math.floor(i / width))).size;
      return { share: rows / Math.max(width, height), right: Math.max(...new Set(dark.map((i) => i % width))) / width };
    };
    for (const [width, height] of [
      [640, 480],
      [1800, 1200],
      [2400, 240],
      [480, 2400],
    ] as const) {
      const { share } = await lettersIn(width, height, "cat");
      expect(share, `${width} x ${height}`).toBeGreaterThan(0.005);
      expect(share, `${width} x ${height}`).toBeLessThan(0.03);
      expect((await lettersIn(width, height, "a name that is far too long for any narrow picture")).right).toBeLessThan(0.995);
    }
  });

  test("a class beyond the list, and letters the font does not have, are no error", async () => {
    const odd = { boxes: Float32Array.of(8, 8, 90, 90, 100, 100, 200, 200), labels: Int32Array.of(9, 1) };
    await drawDetections(grey(640, 480), odd, ["红细胞 <&>"]);
  });

  test("any number of classes has colours on which text can be read", () => {
    const colors = Array.from({ length: 91 }, (_, i) => colorOfClass(i + 1));
    expect(new Set(colors).size).toBe(91);
    for (const color of colors) {
      expect(color).toMatch(/^#[0-9a-f]{6}$/);
      expect(["#000000", "#ffffff"]).toContain(textColorOn(color));
    }
  });
});

describe("text", () => {
  test("is drawn as outlines with proper numbers, wherever it stands", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 5000, noNaN: true }), fc.double({ min: 4, max: 99, noNaN: true }), (x, sizePx) => {
        const svg = textSvg("RBC 0.97 éλЖ", { x, y: x / 3, sizePx, color: "#000000" });
        expect(svg).toMatch(/^<path fill="#000000" d="[MLQCZ0-9. -]+"\/>$/);
      }),
    );
    expect(textWidth("RBC", 20)).toBeCloseTo(2 * textWidth("RBC", 10));
    expect(textWidth("iii", 10)).toBeLessThan(textWidth("WWW", 10));
  });
});

describe("tags", () => {
  const picture = { width: 640, height: 480 };
  const boxes = fc.record({
    x: fc.integer({ min: 0, max: 600 }),
    y: fc.integer({ min: 0, max: 440 }),
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 40 }),
  });

  test("lie in the picture", () => {
    fc.assert(
      fc.property(boxes, (box) => {
        const { x, y, width, height } = placeTag(box, { width: 70, height: 17 }, [], picture);
        expect(x >= 0 && y >= 0 && x + width <= 640 && y + height <= 480).toBe(true);
      }),
    );
  });

  test("give way to one another", () => {
    const box = { x: 100, y: 100, width: 200, height: 100 };
    const first = placeTag(box, { width: 70, height: 17 }, [], picture);
    const second = placeTag(box, { width: 70, height: 17 }, [first], picture);
    expect(first).toEqual({ x: 100, y: 83, width: 70, height: 17 });
    expect(second).toEqual({ x: 230, y: 83, width: 70, height: 17 });
  });
});

test("a contact sheet has its pictures in rows, with titles", async () => {
  const cells = [1, 2, 3].map((i) => ({ image: grey(64, 48), title: `picture ${i}` }));
  const sheet = await contactSheet(cells, { columns: 2, cell: { width: 100, height: 80 } });
  expect([sheet.width, sheet.height]).toEqual([12 + 2 * 112, 12 + 2 * 122]);
  expect(pixel(sheet, 60, 80)).toEqual([128, 128, 128]);
  expect(pixel(sheet, 180, 200)).toEqual([255, 255, 255]); // no fourth picture
  const titleRow = Array.from({ length: 100 * 18 }, (_, i) => pixel(sheet, 12 + (i % 100), 12 + Math.floor(i / 100))[0]!);
  expect(titleRow.filter((value) => value < 80).length).toBeGreaterThan(100);
});
