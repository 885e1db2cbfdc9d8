import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { decodeBytes, decodePicture } from "./decode.js";
import { probePicture } from "./probe.js";
import { type BuiltBmp, buildBmp } from "./testing/bmp-builder.js";

const folder = mkdtempSync(join(tmpdir(), "bmp-"));
afterAll(() => rmSync(folder, { recursive: true }));

const RED = [255, 0, 0];
const GREEN = [0, 255, 0];
const BLUE = [0, 0, 255];
const WHITE = [255, 255, 255];
const PALETTE = Uint8Array.of(0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0); // red, green, blue, white

/** Above red and green, below blue and white; files begin with the lower row. */
const KINDS: [name: string, bmp: Omit<BuiltBmp, "width" | "height">][] = [
  ["4 bits", { bits: 4, palette: PALETTE, colorsUsed: 4, rows: Uint8Array.of(0x23, 0, 0, 0, 0x01, 0, 0, 0) }],
  ["8 bits", { bits: 8, palette: PALETTE, colorsUsed: 4, rows: Uint8Array.of(2, 3, 0, 0, 0, 1, 0, 0) }],
  ["16 bits", { bits: 16, rows: Uint8Array.of(0x1f, 0, 0xff, 0x7f, 0, 0x7c, 0xe0, 0x03) }],
  [
    "16 bits, masks of 5, 6 and 5",
    { bits: 16, compression: 3, masks: [0xf800, 0x7e0, 0x1f], rows: Uint8Array.of(0x1f, 0, 0xff, 0xff, 0, 0xf8, 0xe0, 0x07) },
  ],
  ["24 bits", { bits: 24, rows: Uint8Array.of(255, 0, 0, 255, 255, 255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0) }],
  ["32 bits", { bits: 32, rows: Uint8Array.of(255, 0, 0, 9, 255, 255, 255, 9, 0, 0, 255, 9, 0, 255, 0, 9) }],
  [
    "32 bits, masks in a long header",
    {
      ...{ bits: 32, headerBytes: 108, compression: 3, masks: [0xff, 0xff00, 0xff0000] },
      rows: Uint8Array.of(0, 0, 255, 9, 255, 255, 255, 9, 255, 0, 0, 9, 0, 255, 0, 9),
    },
  ],
];

test.each(KINDS)("a bitmap of %s", async (_, bmp) => {
  const file = join(folder, "a.BMP");
  writeFileSync(file, buildBmp({ width: 2, height: 2, ...bmp }));
  expect(await decodePicture(file)).toEqual({ width: 2, height: 2, data: Uint8Array.of(...RED, ...GREEN, ...BLUE, ...WHITE) });
  expect(await probePicture(file)).toEqual({ width: 2, height: 2, storedWidth: 2, storedHeight: 2 });
  writeFileSync(file, buildBmp({ width: 2, height: -2, ...bmp }));
  expect([...(await decodePicture(file)).data]).toEqual([...BLUE, ...WHITE, ...RED, ...GREEN]);
});

test("a bitmap of one bit, and one of OS/2", async () => {
  const black = buildBmp({
    width: 10,
    height: 1,
    bits: 1,
    palette: PALETTE.subarray(8),
    rows: Uint8Array.of(0b01000000, 0b11000000, 0, 0),
  });
  const { data } = await decodeBytes(black);
  expect([0, 1, 2, 8, 9].map((x) => [...data.subarray(3 * x, 3 * x + 3)])).toEqual([BLUE, WHITE, BLUE, WHITE, WHITE]);
  const os2 = { width: 1, height: 1, bits: 8, headerBytes: 12 as const, palette: Uint8Array.of(...new Array(765).fill(0), 1, 2, 3) };
  expect([...(await decodeBytes(buildBmp({ ...os2, rows: Uint8Array.of(255, 0, 0, 0) }))).data]).toEqual([3, 2, 1]);
});

test("straight to another size", async () => {
  const [, bmp] = KINDS[4]!;
  const { width, height, data } = await decodeBytes(buildBmp({ width: 2, height: 2, ...bmp }), { size: { width: 1, height: 4 } });
  expect([width, height, data.length]).toEqual([1, 4, 12]);
});
