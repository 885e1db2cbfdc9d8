import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../testing/index.js";
import { annotator } from "./annotate.js";
import { findPictures } from "./find.js";
import { cocoResults } from "./records.js";

const folder = temporaryFolder();
const at = (...names: string[]) => join(folder, ...names);

beforeAll(() => {
  mkdirSync(at("in", "deep"), { recursive: true });
  for (const name of ["b.jpg", "a.PNG", "notes.txt", "deep/c.webp", "deep/b.jpg", "[1].gif"]) writeFileSync(at("in", name), "");
});

async function found(...sources: string[]): Promise<string[]> {
  using pictures = await findPictures(sources);
  return pictures.files;
}

describe("pictures are found", () => {
  test("in a folder, sorted, not below it", async () => {
    expect(await found(at("in"))).toEqual([at("in", "[1].gif"), at("in", "a.PNG"), at("in", "b.jpg")]);
  });

  test("by a glob, pictures only", async () => {
    expect(await found(at("in", "**", "*"))).toEqual(
      ["[1].gif", "a.PNG", "b.jpg", "deep/b.jpg", "deep/c.webp"].map((name) => at("in", name)),
    );
  });

  test("by name, even one that looks like a glob; each once", async () => {
    expect(await found(at("in", "[1].gif"), at("in", "b.jpg"), at("in", "deep", "..", "b.jpg"))).toHaveLength(2);
  });

  test("on standard input: names, or a picture", async () => {
    using names = await findPictures(["-"], Readable.from([Buffer.from("a.jpg\r\nb.jpg\n")]));
    expect(names.files).toEqual(["a.jpg", "b.jpg"]);
    using picture = await findPictures(["-"], Readable.from([Buffer.from([0xff, 0xd8, 0xff])]));
    expect(picture.files.map(picture.nameOf)).toEqual(["-"]);
    await expect(findPictures(["-"], Readable.from([]))).rejects.toThrow(
      "-: standard input is empty. Pipe a picture or names of pictures into it.",
    );
  });
});

test("pictures of one name in two folders do not replace each other, nor one of them itself", () => {
  expect(() => annotator(at("out"), [at("in", "b.jpg"), at("in", "deep", "b.jpg")])).not.toThrow();
  expect(() => annotator(at("in"), [at("in", "deep", "b.jpg"), at("in", "b.jpg")])).toThrow("is one of the pictures themselves");
  expect(() => annotator(at("in", "deep", ".."), [at("in", "a.PNG")])).toThrow("is one of the pictures themselves");
});

test("COCO results have widths and heights, and ids as COCO's own sets have them", () => {
  const detections = [{ label: "cat", labelId: 1, score: 0.5, box: [10, 20, 14.5, 26] }];
  const images = ["val2017/000000000139.jpg", "cat.png"].map((file) => ({ file, width: 50, height: 50, detections }));
  expect(cocoResults(images)).toEqual([
    { image_id: 139, category_id: 1, bbox: [10, 20, 4.5, 6], score: 0.5 },
    { image_id: "cat", category_id: 1, bbox: [10, 20, 4.5, 6], score: 0.5 },
  ]);
});
