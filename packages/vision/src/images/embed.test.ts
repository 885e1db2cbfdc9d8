import { describe, expect, test } from "vitest";
import { decodeBytes } from "./decode.js";
import { drawAnchors } from "./draw-anchors.js";
import { embedPicture } from "./embed.js";

const grey = (width: number, height: number) => ({ data: new Uint8Array(3 * width * height).fill(128), width, height });

describe("a picture inside of a page", () => {
  test("is made to fit, keeps its aspect ratio, and can be read again", async () => {
    const { uri, width, height } = await embedPicture(grey(2000, 1000), { maxSidePx: 500 });
    expect([width, height]).toEqual([500, 250]);
    const [, base64] = /^data:image\/webp;base64,([A-Za-z0-9+/=]+)$/.exec(uri)!;
    expect(await decodeBytes(Buffer.from(base64!, "base64"))).toMatchObject({ width: 500, height: 250 });
  });

  test("is never enlarged", async () => {
    expect(await embedPicture(grey(20, 10))).toMatchObject({ width: 20, height: 10 });
  });
});

describe("anchors drawn on a picture", () => {
  const [width, height] = [64, 48];
  const at = (picture: { data: Uint8Array; width: number }, x: number, y: number) => [
    ...picture.data.subarray(3 * (y * picture.width + x), 3 * (y * picture.width + x) + 3),
  ];

  test("stand around their cell, which is bright", async () => {
    const drawn = await drawAnchors(grey(width, height), {
      grid: { width: 4, height: 3 },
      cell: { x: 2, y: 1 },
      anchors: Float32Array.of(0.25, 0.25, 0.75, 0.75),
    });
    expect([drawn.width, drawn.height]).toEqual([640, 480]);
    expect(at(drawn, 400, 240)[0]).toBeGreaterThan(200);
    expect(at(drawn, 160, 240)).toEqual([0x56, 0xb4, 0xe9]); // the first colour, on the left side of the anchor
    expect(at(drawn, 40, 40)).toEqual([128, 128, 128]);
  });

  test("may reach beyond it, and a grid may be a single cell", async () => {
    const drawn = await drawAnchors(grey(width, height), {
      grid: { width: 1, height: 1 },
      cell: { x: 0, y: 0 },
      anchors: Float32Array.of(-1, -1, 2, 2),
    });
    expect(at(drawn, 320, 240)[0]).toBeGreaterThan(200);
  });
});
