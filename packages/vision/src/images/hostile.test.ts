import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import { InputError } from "@singleshot/base";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { decodePicture } from "./decode.js";
import { probePicture } from "./probe.js";
import { type BuiltBmp, buildBmp } from "./testing/bmp-builder.js";
import { buildPng, PNG_END, type PngChunk, pngHeader } from "./testing/png-builder.js";

const folder = mkdtempSync(join(tmpdir(), "hostile-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Row = [name: string, bytes: () => Uint8Array | Promise<Uint8Array>, message: RegExp];

/** One sentence, little time and memory, and nothing written anywhere. */
async function expectRefused([name, bytes, message]: Row): Promise<void> {
  const file = join(folder, `${name.replace(/[^a-z0-9]+/gi, "-")}.jpg`);
  writeFileSync(file, await bytes());
  const before = { cpu: process.cpuUsage(), rss: process.memoryUsage.rss(), files: readdirSync(folder).length };
  for (const read of [decodePicture, (path: string) => decodePicture(path, { size: { width: 8, height: 8 } })]) {
    const error: Error = await read(file).then(
      () => new Error("it was read"),
      (reason) => reason,
    );
    expect(error.message).toMatch(message);
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(/^[^\p{Cc}]{1,400}$/u);
  }
  await probePicture(file).catch((error: Error) => expect(error.message).toMatch(/^[^\p{Cc}]{1,400}$/u));
  expect(process.cpuUsage(before.cpu).user / 1e6).toBeLessThan(2);
  expect(process.memoryUsage.rss() - before.rss).toBeLessThan(500 * 2 ** 20);
  expect(readdirSync(folder)).toHaveLength(before.files);
}

const text = (content: string) => Buffer.from(content, "latin1");
const box = (brand: string) => text(`\0\0\0\x18ftyp${brand}\0\0\0\0${brand}mif1`);

describe("guests that call themselves .jpg", () => {
  const guests: [name: string, bytes: Uint8Array][] = [
    [
      "an SVG that reads a file",
      text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>'),
    ],
    ["an SVG behind a declaration", text('<?xml version="1.0"?>\n<!DOCTYPE svg><svg width="9" height="9"/>')],
    ["an SVG behind a byte order mark", text('\u00ef\u00bb\u00bf<svg width="9" height="9"/>')],
    ["a packed SVG", gzipSync('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ["a web page", text("<!DOCTYPE html><title>404</title>")],
    ["a page for printing", text("%PDF-1.7\n1 0 obj")],
    ["a PostScript program", text("%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) run")],
    ["an ImageMagick script", text("push graphic-context\nimage over 0,0 0,0 'https://example.org/x.php?`id`'")],
    ["an ImageMagick vector file", text('viewbox 0 0 9 9 fill "url(file:///etc/passwd)"')],
    ["a shell script", text("#!/bin/sh\ntouch pwned")],
    ["a program", text("\x7fELF\x02\x01\x01")],
    ["a Windows program", text("MZ\x90\0\x03")],
    ["an archive", text("PK\x03\x04\x14\0")],
    ["a Git LFS pointer", text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1")],
    ["an annotation", text("<annotation><object/></annotation>")],
    ["a pickle", text("\x80\x02cos\nsystem\n(S'id'\ntR.")],
    ["a HEIC photograph", box("heic")],
    ["an AVIF picture", box("avif")],
    ["a film", box("isom")],
    ["a sound", text("RIFF\x24\0\0\0WAVEfmt ")],
    ["a JPEG 2000 picture", text("\0\0\0\x0cjP  \r\n\x87\n")],
    ["a JPEG XL picture", text("\u00ff\x0a\0\0")],
    ["a Photoshop file", text("8BPS\0\x01")],
    ["an icon", text("\0\0\x01\0\x01\0")],
    ["a text of numbers", text("P3 2 2 255 1 2 3 4 5 6 7 8 9 10 11 12")],
    ["a Radiance picture", text("#?RADIANCE\n")],
    ["an OpenEXR picture", text("v/1\x01")],
    ["a FITS picture", text("SIMPLE  =                    T")],
    ["libvips' own format", text("\x08\xf2\xa6\xb6\0\0\0\x09")],
    ["a MATLAB file", text("MATLAB 5.0 MAT-file")],
    ["a matrix as text", text("3 3\n1 2 3\n4 5 6\n7 8 9\n")],
    ["blanks", text(" ".repeat(100))],
    ["a JPEG behind one byte", text("\n\u00ff\u00d8\u00ff\u00e0")],
  ];
  test.each(guests)("%s", (name, bytes) =>
    expectRefused([name, () => bytes, /: not a picture of a format that is read \(jpeg, png, gif, webp, tiff, bmp\)$/]),
  );
});

const scene = (width = 40, height = 30) => sharp({ create: { width, height, channels: 3, background: "#406080" } });
const jpegBytes = () => scene().jpeg().toBuffer();
const patched = async (original: Promise<Buffer>, change: (bytes: Buffer) => void) => {
  const bytes = await original;
  change(bytes);
  return bytes;
};
/** The size in the frame header of a JPEG (SOF0). */
const jpegSized = (width: number, height: number) =>
  patched(jpegBytes(), (bytes) => {
    const at = bytes.indexOf(Buffer.of(0xff, 0xc0));
    bytes.writeUInt16BE(height, at + 5);
    bytes.writeUInt16BE(width, at + 7);
  });
const pixelRows = (width: number, height: number) => deflateSync(Buffer.alloc(height * (1 + 3 * width)));
const pngOf = (chunks: readonly PngChunk[], [width, height] = [40, 30]) => buildPng([pngHeader(width!, height!), ...chunks, PNG_END]);
const image: PngChunk = ["IDAT", pixelRows(40, 30)];
const bomb = deflateSync(Buffer.alloc(60 * 2 ** 20), { level: 9 });

const bmp: BuiltBmp = { width: 2, height: 2, bits: 24, rows: new Uint8Array(16) };
const tiffOf = (entries: readonly [tag: number, type: number, value: number][], next = 0) => {
  const head = Buffer.alloc(8 + 2 + 12 * entries.length + 4 + 64);
  head.write("II*\0", "latin1");
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(entries.length, 8);
  for (const [i, [tag, type, value]] of entries.entries()) {
    const at = 10 + 12 * i;
    head.writeUInt16LE(tag, at);
    head.writeUInt16LE(type, at + 2);
    head.writeUInt32LE(1, at + 4);
    head.writeUInt32LE(value, at + 8);
  }
  head.writeUInt32LE(next, 10 + 12 * entries.length);
  return head;
};
/** Grey, one strip of 8 x 8 pixels behind the directory. */
const tiff = (width: number, height: number, strip = 8 + 2 + 12 * 8 + 4, next = 0) =>
  tiffOf(
    [
      [256, 4, width],
      [257, 4, height],
      [258, 3, 8],
      [259, 3, 1],
      [262, 3, 1],
      [273, 4, strip],
      [278, 4, height],
      [279, 4, Math.min(width * height, 64)],
    ],
    next,
  );

describe("headers that lie", () => {
  const cannot = /: the picture cannot be decoded: \S/;
  const rows: Row[] = [
    ["a JPEG of 65,500 x 65,500 pixels", () => jpegSized(65_500, 65_500), cannot],
    ["a JPEG of 12,000 x 9,000 pixels over a few bytes", () => jpegSized(12_000, 9000), cannot],
    ["a JPEG without width", () => jpegSized(0, 30), cannot],
    ["a JPEG cut in its header", async () => (await jpegBytes()).subarray(0, 30), cannot],
    ["a JPEG cut in its pixels", async () => (await scene(300, 300).jpeg().toBuffer()).subarray(0, 700), cannot],
    ["three bytes of JPEG", () => Buffer.of(0xff, 0xd8, 0xff), cannot],
    ["a JPEG that ends at once", () => Buffer.of(0xff, 0xd8, 0xff, 0xd9), cannot],
    ["a JPEG of arithmetic code and nothing", () => Buffer.of(0xff, 0xd8, 0xff, 0xc9, 0, 11, 8, 0, 9, 0, 9, 1, 1, 17, 0), cannot],
    ["a PNG of 20,000 x 20,000 pixels", () => pngOf([["IDAT", new Uint8Array(20)]], [20_000, 20_000]), /pixel limit/],
    ["a PNG of 2^31 pixels a side", () => pngOf([image], [2 ** 31 - 1, 2 ** 31 - 1]), cannot],
    ["a PNG without width", () => pngOf([image], [0, 30]), cannot],
    ["a PNG of 3 bits", () => buildPng([pngHeader(40, 30, [3, 2]), image, PNG_END]), cannot],
    [
      "a PNG with a false checksum in its header",
      () => buildPng([[...pngHeader(40, 30).slice(0, 2), 1] as unknown as PngChunk, image, PNG_END]),
      cannot,
    ],
    ["a PNG without pixels", () => pngOf([]), cannot],
    ["a PNG with half of its pixels", () => pngOf([["IDAT", pixelRows(40, 15)]]), cannot],
    ["a PNG with pixels that do not unpack", () => pngOf([["IDAT", Buffer.from("no zlib stream at all")]]), cannot],
    [
      "a PNG with a palette it does not have",
      () => buildPng([pngHeader(40, 30, [8, 3]), ["IDAT", deflateSync(Buffer.alloc(41 * 30))], PNG_END]),
      cannot,
    ],
    ["a PNG that begins with its pixels", () => buildPng([image, pngHeader(40, 30), PNG_END]), cannot],
    ["eight bytes of PNG", () => buildPng([]), cannot],
    ["a GIF without a frame", () => text("GIF89a\x09\0\x09\0\0\0\0;"), cannot],
    ["a program in JavaScript that begins as a GIF", () => text("GIF89a/*\0\0\0*/=1;alert(1)"), cannot],
    ["a WebP cut off", async () => (await scene().webp().toBuffer()).subarray(0, 40), cannot],
    ["a WebP of nothing", () => text("RIFF\x04\0\0\0WEBP"), cannot],
    [
      "a WebP that says it is larger",
      async () => patched(scene(200, 200).webp({ quality: 100 }).toBuffer(), (bytes) => void bytes.writeUInt32LE(2 ** 30, 16)),
      cannot,
    ],
    ["a TIFF of 2^31 pixels a side", () => tiff(2 ** 31 - 1, 2 ** 31 - 1), cannot],
    ["a TIFF of 100,000 x 100,000 pixels", () => tiff(100_000, 100_000), cannot],
    ["a TIFF with its strip past the end", () => tiff(8, 8, 2 ** 30), cannot],
    ["a TIFF whose directory lies past the end", () => Buffer.concat([text("II*\0"), Buffer.of(0, 0, 0, 64)]), cannot],
    ["a TIFF whose second directory is its first", () => tiff(8, 8, 8 + 2 + 12 * 8 + 4, 8), cannot],
    ["a TIFF whose directory is empty", () => tiffOf([]), cannot],
    ["a bitmap of a novel's first letters", () => text("BMW builds cars, and this is no picture at all, whatever it says."), cannot],
    ["a bitmap of 2^31 pixels a side", () => buildBmp({ ...bmp, width: 2 ** 31 - 1, height: 2 ** 31 - 1 }), /pixel limit/],
    ["a bitmap of no width", () => buildBmp({ ...bmp, width: 0 }), /it says that it has 0 x 2 pixels$/],
    ["a bitmap of negative width", () => buildBmp({ ...bmp, width: -2 }), /it says that it has -2 x 2 pixels$/],
    ["a bitmap of 5 bits", () => buildBmp({ ...bmp, bits: 5 }), /5 bits a pixel are not read$/],
    ["a bitmap cut off", () => buildBmp(bmp).subarray(0, 65), /it is cut off$/],
    ["a bitmap that is a header", () => buildBmp(bmp).subarray(0, 20), /it is cut off$/],
    ["a bitmap with its pixels past the end", () => buildBmp({ ...bmp, pixelsAt: 2 ** 31 }), /it is cut off$/],
    ["a bitmap in run-length coding", () => buildBmp({ ...bmp, bits: 8, compression: 1 }), /bitmaps with run-length coding are not read$/],
    ["a bitmap with a JPEG inside", () => buildBmp({ ...bmp, compression: 4 }), /bitmaps with JPEG inside are not read$/],
    ["a bitmap in compression 99", () => buildBmp({ ...bmp, compression: 99 }), /compression 99 is unknown$/],
    [
      "a bitmap with a palette of 4,000,000,000 colours",
      () => buildBmp({ ...bmp, bits: 8, colorsUsed: 4e9 }),
      /its palette has 4000000000 colours$/,
    ],
    [
      "a bitmap with a colour that its palette lacks",
      () => buildBmp({ ...bmp, bits: 8, colorsUsed: 1, palette: new Uint8Array(4), rows: Uint8Array.of(1, 1, 0, 0, 1, 1, 0, 0) }),
      /a pixel has a colour that is not in the palette$/,
    ],
    ["a bitmap with an empty mask", () => buildBmp({ ...bmp, bits: 32, compression: 3, masks: [255, 0, 255] }), /a colour has no bits$/],
  ];
  test.each(rows)("%s", (...row) => expectRefused(row));
});

describe("good controls", () => {
  const rows: [name: string, bytes: () => Uint8Array | Promise<Uint8Array>, size: string][] = [
    ["a JPEG", jpegBytes, "40 x 30"],
    ["a JPEG that calls its size by its name", () => jpegSized(40, 30), "40 x 30"],
    ["a JPEG with an archive behind it", async () => Buffer.concat([await jpegBytes(), text("PK\x03\x04")]), "40 x 30"],
    [
      "a JPEG with a long comment",
      async () =>
        patched(jpegBytes(), () => {}).then((bytes) =>
          Buffer.concat([bytes.subarray(0, 2), Buffer.of(0xff, 0xfe, 0xff, 0xff), Buffer.alloc(65_533, 60), bytes.subarray(2)]),
        ),
      "40 x 30",
    ],
    ["a PNG", () => pngOf([image]), "40 x 30"],
    ["a PNG of one pixel", () => buildPng([pngHeader(1, 1), ["IDAT", pixelRows(1, 1)], PNG_END]), "1 x 1"],
    [
      "a PNG whose pixels are followed by sixty megabytes",
      () => pngOf([["IDAT", deflateSync(Buffer.concat([Buffer.alloc(121 * 30), Buffer.alloc(60 * 2 ** 20)]))]]),
      "40 x 30",
    ],
    [
      "a PNG with a text that unpacks to sixty megabytes",
      () => pngOf([["zTXt", Buffer.concat([text("Comment\0\0"), bomb])], image]),
      "40 x 30",
    ],
    ["a PNG with colours that unpack to sixty megabytes", () => pngOf([["iCCP", Buffer.concat([text("a\0\0"), bomb])], image]), "40 x 30"],
    ["a GIF", () => scene().gif().toBuffer(), "40 x 30"],
    [
      "a GIF on a canvas of 65,535 x 65,535 pixels",
      async () => patched(scene().gif().toBuffer(), (bytes) => void bytes.fill(255, 6, 10)),
      "40 x 30",
    ],
    ["a WebP", () => scene().webp().toBuffer(), "40 x 30"],
    ["a TIFF", () => tiff(8, 8), "8 x 8"],
    ["a bitmap", () => buildBmp(bmp), "2 x 2"],
  ];
  test.each(rows)("%s", async (name, bytes, size) => {
    const file = join(folder, `${name.replace(/\W+/g, "-")}.png`);
    writeFileSync(file, await bytes());
    const before = process.memoryUsage.rss();
    const { width, height, data } = await decodePicture(file);
    expect([`${width} x ${height}`, data.length]).toEqual([size, 3 * width * height]);
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 2 ** 20);
  });
});
