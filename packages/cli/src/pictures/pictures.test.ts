import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { decodePicture } from "@singleshot/vision/node";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../testing/index.js";
import { annotator } from "./annotate.js";
import { cropper } from "./crops.js";
import { findPictures } from "./find.js";
import { cocoResults } from "./records.js";
import { tasks } from "./tasks.js";

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

test("crops are not written to where pictures are read", () => {
  expect(() => cropper(at("parts"), [at("in", "deep", "b.jpg")], ["deep"])).not.toThrow();
  expect(() => cropper(at("in"), [at("in", "deep", "b.jpg")], ["cat", "deep"])).toThrow(
    `--crops: pictures that are read lie in ${at("in", "deep")}. Name another folder.`,
  );
});

test("a crop has the pixels that the box touches; what lies outside is none", async () => {
  const data = Uint8Array.from({ length: 3 * 8 * 6 }, (_, i) => i);
  const boxes = Float32Array.of(1.5, 2, 4, 3.5, -9, -9, 2, 2, 20, 20, 30, 30);
  const detections = { boxes, labels: Int32Array.of(1, 1, 1), scores: Float32Array.of(0.9, 0.8, 0.7) };
  await cropper(at("parts"), ["x/p.png"], ["a/b"])({ file: "x/p.png", picture: { data, width: 8, height: 6 }, detections });
  expect(readdirSync(at("parts", "a_b")).sort()).toEqual(["p-1.png", "p-2.png"]);
  const crop = await decodePicture(at("parts", "a_b", "p-1.png"));
  expect([crop.width, crop.height]).toEqual([3, 2]);
  expect([...crop.data.subarray(0, 9)]).toEqual([...data.subarray(3 * (2 * 8 + 1), 3 * (2 * 8 + 4))]);
});

test("so many tasks are under way at once and no more; what one throws is thrown", async () => {
  const writing = tasks(3);
  let [under, most] = [0, 0];
  const task = async () => {
    most = Math.max(most, ++under);
    await new Promise(setImmediate);
    under--;
  };
  for (let i = 0; i < 20; i++) await writing.start(task);
  await writing.end();
  expect([under, most]).toEqual([0, 3]);
  const failing = tasks(3);
  await failing.start(() => Promise.reject(new Error("the disk is full")));
  await expect(failing.end()).rejects.toThrow("the disk is full");
});

test("COCO results have widths and heights, and ids as COCO's own sets have them", () => {
  const detections = [{ label: "cat", labelId: 1, score: 0.5, box: [10, 20, 14.5, 26] }];
  const images = ["val2017/000000000139.jpg", "cat.png"].map((file) => ({ file, width: 50, height: 50, detections }));
  expect(cocoResults(images)).toEqual([
    { image_id: 139, category_id: 1, bbox: [10, 20, 4.5, 6], score: 0.5 },
    { image_id: "cat", category_id: 1, bbox: [10, 20, 4.5, 6], score: 0.5 },
  ]);
});
