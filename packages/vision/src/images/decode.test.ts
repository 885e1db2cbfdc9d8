import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "@singleshot/base";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import type { Picture } from "../sample.js";
import { decodePicture, loadSample } from "./decode.js";
import { encodePicture, writePicture } from "./encode.js";
import { probePicture } from "./probe.js";
import { buildPng, PNG_END, pngHeader } from "./testing/png-builder.js";

const folder = mkdtempSync(join(tmpdir(), "pictures-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Left half red, right half blue. */
const scene: Picture = {
  width: 40,
  height: 20,
  data: Uint8Array.from({ length: 2400 }, (_, i) => (i % 3 === (i % 120 < 60 ? 0 : 2) ? 255 : 0)),
};
const raw = () => sharp(scene.data, { raw: { width: 40, height: 20, channels: 3 } });
const file = (name: string, bytes: Uint8Array | string) => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const pixel = ({ data, width }: Picture, x: number, y: number) => [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
const message = (work: Promise<unknown>) =>
  work.then(
    () => "no error",
    (error) => (error instanceof InputError ? error.message : `not an InputError: ${error}`),
  );

describe("decoding", () => {
  test("every format becomes red, green and blue bytes", async () => {
    const rgba = raw().ensureAlpha(0.5);
    const kinds: [name: string, bytes: Buffer, left: number[]][] = [
      ["a.png", await raw().png().toBuffer(), [255, 0, 0]],
      ["palette.png", await raw().png({ palette: true }).toBuffer(), [255, 0, 0]],
      ["alpha.png", await rgba.clone().png().toBuffer(), [255, 0, 0]],
      ["deep.png", await raw().toColourspace("rgb16").png().toBuffer(), [255, 0, 0]],
      ["a.webp", await rgba.clone().webp({ lossless: true }).toBuffer(), [255, 0, 0]],
      ["a.gif", await raw().gif().toBuffer(), [255, 0, 0]],
      ["a.tiff", await raw().tiff().toBuffer(), [255, 0, 0]],
      ["a.jpg", await raw().jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer(), [254, 0, 0]],
      ["cmyk.jpg", await raw().toColourspace("cmyk").jpeg().toBuffer(), [255, 0, 0]],
      ["grey.jpg", await raw().greyscale().jpeg().toBuffer(), [127, 127, 127]],
      ["grey alpha.png", await rgba.clone().greyscale().png().toBuffer(), [127, 127, 127]],
    ];
    for (const [name, bytes, left] of kinds) {
      const picture = await decodePicture(file(name, bytes));
      expect([picture.width, picture.height, picture.data.length], name).toEqual([40, 20, 2400]);
      for (const [i, value] of pixel(picture, 5, 10).entries())
        expect(Math.abs(value - left[i]!), `${name} ${pixel(picture, 5, 10)}`).toBeLessThan(40);
      expect(picture.data.constructor, name).toBe(Uint8Array);
    }
  });

  test("EXIF orientation is applied, and the header says the upright size", async () => {
    const turned = file("turned.jpg", await raw().jpeg({ quality: 100 }).withMetadata({ orientation: 6 }).toBuffer());
    const picture = await decodePicture(turned);
    expect([picture.width, picture.height]).toEqual([20, 40]);
    expect(pixel(picture, 10, 5)[0]).toBeGreaterThan(200); // red is above
    expect(await probePicture(turned)).toEqual({ width: 20, height: 40, storedWidth: 40, storedHeight: 20 });
  });

  test("straight to a fixed size", async () => {
    const picture = await decodePicture(file("b.png", await raw().png().toBuffer()), { size: { width: 10, height: 30 } });
    expect([picture.width, picture.height, pixel(picture, 1, 15), pixel(picture, 8, 15)]).toEqual([10, 30, [255, 0, 0], [0, 0, 255]]);
  });

  test("what is no picture is named, with the reason", async () => {
    const jpeg = await sharp({ create: { width: 300, height: 300, channels: 3, background: "#123456" } })
      .jpeg()
      .toBuffer();
    const unread = "not a picture of a format that is read (jpeg, png, gif, webp, tiff, bmp)";
    expect(await message(decodePicture(join(folder, "none.jpg")))).toBe(`${folder}/none.jpg: no such file`);
    expect(await message(decodePicture(file("empty.jpg", "")))).toBe(`${folder}/empty.jpg: the file is empty`);
    expect(await message(decodePicture(file("text.jpg", "hello, world")))).toBe(`${folder}/text.jpg: ${unread}`);
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>';
    expect(await message(decodePicture(file("svg.jpg", svg)))).toBe(`${folder}/svg.jpg: ${unread}`);
    expect(await message(decodePicture(file("cut.jpg", jpeg.subarray(0, jpeg.length / 2))))).toMatch(
      /cut\.jpg: the picture cannot be decoded: \S/,
    );
    expect(await message(decodePicture(file("huge.png", hugePng())))).toMatch(/huge\.png: the picture cannot be decoded: .*pixel limit/i);
    await expect(probePicture(join(folder, "huge.png"))).rejects.toThrow(/pixel limit/i);
  });
});

/** A header of 20,000 x 20,000 pixels on a few bytes. */
const hugePng = () => buildPng([pngHeader(20_000, 20_000), ["IDAT", new Uint8Array(20)], PNG_END]);

describe("samples", () => {
  const marks = { boxes: Float32Array.of(4, 2, 20, 10), labels: Int32Array.of(1), flags: Uint8Array.of(0) };
  const entry = { id: "s", imageFile: join(folder, "s.png"), width: 40, height: 20, source: "Annotations/s.xml", ...marks };

  test("carry the picture and its marks; boxes follow the size", async () => {
    file("s.png", await raw().png().toBuffer());
    expect(await loadSample(entry)).toEqual({ image: scene, ...marks, id: "s", source: entry.imageFile });
    const small = await loadSample(entry, { size: { width: 20, height: 20 } });
    expect([small.image.width, ...small.boxes]).toEqual([20, 2, 2, 10, 10]);
  });

  test("a picture that has changed since is not used", async () => {
    file("s.png", await raw().resize(30, 20).png().toBuffer());
    expect(await message(loadSample(entry))).toBe(`${folder}/s.png: the picture has 30 x 20 pixels, not 40 x 20 as before`);
  });
});

describe("encoding", () => {
  test("gives the picture back", async () => {
    await writePicture(join(folder, "out.png"), scene);
    expect(await decodePicture(join(folder, "out.png"))).toEqual(scene);
    expect((await encodePicture(scene, ".JPG")).subarray(0, 2)).toEqual(Buffer.of(0xff, 0xd8));
  });

  test("other formats are refused, and nothing is left behind", async () => {
    const refused = message(writePicture(join(folder, "out.bmp"), scene));
    expect(await refused).toBe("pictures are not written as .bmp. Use .png, .jpg, .jpeg, .webp.");
    await expect(writePicture(join(folder, "no/such/folder/out.png"), scene)).rejects.toThrow("ENOENT");
    expect(readdirSync(folder).filter((name) => name.includes("tmp") || name.endsWith(".bmp"))).toEqual([]);
  });
});
