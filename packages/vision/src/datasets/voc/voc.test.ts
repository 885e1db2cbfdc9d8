import { existsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { digest, expectConsistent, jpeg, messageOf as message, png, scratchFolder, summary, turned, writeFiles } from "../testing/index.js";
import type { Dataset } from "../types.js";
import { readVoc } from "./index.js";

const scratch = scratchFolder();

/** A data set from its files: text or bytes by path. */
const folder = (name: string, files: Record<string, string | Uint8Array>) =>
  writeFiles(join(scratch, name), { "JPEGImages/.keep": "", ...files });

const box = (name: string, corners: (number | string)[], more = "") => {
  const [x1, y1, x2, y2] = corners;
  return `<object><name>${name}</name>${more}<bndbox><xmin>${x1}</xmin><ymin>${y1}</ymin><xmax>${x2}</xmax><ymax>${y2}</ymax></bndbox></object>`;
};
const annotation = (objects: string[], size = "<size><width>100</width><height>80</height><depth>3</depth></size>", more = "") =>
  `<annotation>${more}${size}\n${objects.join("\n")}\n</annotation>`;

/** One picture, one annotation: what became of it. */
async function readOne(
  name: string,
  xml: string | Uint8Array,
  { picture = jpeg as Uint8Array, labels = "cat\ndog\n" } = {},
): Promise<Dataset> {
  return readVoc(folder(name, { "Annotations/a.xml": xml, "JPEGImages/a.jpg": picture, "labels.txt": labels }));
}

describe("a good data set", () => {
  const root = folder("good", {
    "Annotations/a.xml": annotation([box("dog", [10, 20, 30.5, 40], "<difficult>1</difficult>"), box("cat", [1, 1, 100, 80])]),
    "Annotations/b.xml": annotation([]),
    "Annotations/sub/c d.xml": annotation([box("dog", [0, 0, 5, 5])]),
    "JPEGImages/a.jpg": jpeg,
    "JPEGImages/b.PNG": png,
    "JPEGImages/sub/c d.jpeg": jpeg,
    "ImageSets/Main/train.txt": "a\r\nb\r\n\r\nsub/c d\r\n",
    "ImageSets/Main/dog_train.txt": "a  1\nb -1\n",
    "ImageSets/Main/default.txt": "a.jpg\n",
  });

  test("gives its pictures in the order of the split, with boxes, labels and flags", async () => {
    const dataset = await readVoc(root, { split: "train" });
    expectConsistent(dataset);
    expect(dataset).toMatchObject({ name: "good", split: "train", classes: ["cat", "dog"], problems: [] });
    expect(dataset.entries.map(({ id }) => id)).toEqual(["a", "b", "sub/c d"]);
    expect(dataset.entries[0]).toEqual({
      id: "a",
      imageFile: join(root, "JPEGImages/a.jpg"),
      width: 100,
      height: 80,
      boxes: Float32Array.of(10, 20, 30.5, 40, 1, 1, 100, 80),
      labels: Int32Array.of(2, 1),
      flags: Uint8Array.of(1, 0),
      source: "Annotations/a.xml",
    });
    expect(dataset.counts.images).toEqual({ found: 3, ok: 2, background: 1, repaired: 0, rejected: 0 });
  });

  test("per-class lists, file names as ids, and no split at all", async () => {
    expect((await readVoc(root, { split: "dog_train" })).entries.map(({ id }) => id)).toEqual(["a"]);
    expect((await readVoc(root, { split: "default" })).entries.map(({ id }) => id)).toEqual(["a"]);
    expect((await readVoc(root)).entries.map(({ id }) => id)).toEqual(["a", "b", "sub/c d"]);
  });

  test("pixels counted from 1, as pytorch-ssd reads them", async () => {
    const { entries } = await readVoc(root, { split: "default", pixelsFrom: 1 });
    expect([...entries[0]!.boxes]).toEqual([9, 19, 29.5, 39, 0, 0, 99, 79]);
  });

  test("its files stay as they are", async () => {
    const before = digest(root);
    await readVoc(root, { split: "train" });
    expect(digest(root)).toEqual(before);
  });
});

describe("boxes", () => {
  test("every defect is named with its line and number, and left out or repaired", async () => {
    const good = box("cat", [1, 2, 3, 4]);
    const bad = [
      box("cat", [5, 5, 5, 9]),
      box("cat", [5, 5, 5, 5]),
      box("cat", [5, "1e999", 9, 9]),
      box("cat", [5, "12,5", 9, 9]),
      box("cat", [5, "", 9, 9]),
      box("cat", [200, 5, 300, 9]),
      box("cta", [5, 5, 9, 9]),
      box("", [5, 5, 9, 9]),
      "<object><name>cat</name><polygon/></object>",
      box("cat", [30, 5, 10, 9]),
      box("cat", [-4, 70, 10, 95.5]),
      box("cat", [120, 90, -4, 70]),
    ];
    const dataset = await readOne("defects", annotation([good, ...bad]));
    expectConsistent(dataset);
    expect(summary(dataset)).toEqual([
      "Annotations/a.xml:3 #2 no-area rejected: box [5, 5, 5, 9] of cat has no width",
      "Annotations/a.xml:4 #3 no-area rejected: box [5, 5, 5, 5] of cat has no width and no height",
      "Annotations/a.xml:5 #4 not-a-number rejected: box [5, Infinity, 9, 9] of cat has a corner that is not a number",
      'Annotations/a.xml:6 #5 not-a-number rejected: ymin is "12,5", not a number',
      "Annotations/a.xml:7 #6 not-a-number rejected: ymin is missing",
      "Annotations/a.xml:8 #7 outside rejected: box [200, 5, 300, 9] of cat lies outside the picture of 100 x 80 pixels",
      "Annotations/a.xml:9 #8 unknown-class rejected: class cta is not in the list of classes; is cat meant?",
      "Annotations/a.xml:10 #9 unknown-class rejected: object without a class name",
      "Annotations/a.xml:11 #10 no-box rejected: the object has no bndbox",
      "Annotations/a.xml:12 #11 swapped-corners repaired: box [30, 5, 10, 9] of cat: its corners are swapped",
      "Annotations/a.xml:13 #12 clipped repaired: box [-4, 70, 10, 95.5] of cat: it is cut to the picture of 100 x 80 pixels",
      "Annotations/a.xml:14 #13 swapped-corners repaired: box [120, 90, -4, 70] of cat: its corners are swapped, it is cut to the picture of 100 x 80 pixels",
    ]);
    expect([...dataset.entries[0]!.boxes]).toEqual([1, 2, 3, 4, 10, 5, 30, 9, 0, 70, 10, 80, 0, 70, 100, 80]);
    expect(dataset.counts).toEqual({
      images: { found: 1, ok: 0, background: 0, repaired: 1, rejected: 0 },
      boxes: { found: 13, ok: 1, repaired: 3, rejected: 9 },
    });
    expect(dataset.details[0]!.boxes[11]).toMatchObject({
      class: "cat",
      box: [-4, 70, 10, 95.5],
      status: "repaired",
      result: [0, 70, 10, 80],
    });
  });

  test("a side that vanishes in float32 is no side", async () => {
    const dataset = await readOne("thin", annotation([box("cat", [50, 5, 50.0000001, 9])]));
    expect(dataset.problems[0]).toMatchObject({ kind: "no-area", message: "box [50, 5, 50.0000001, 9] of cat has no width" });
  });

  test("a picture that loses all its boxes is rejected, not background", async () => {
    const dataset = await readOne("lost", annotation([box("cat", [5, 5, 5, 9]), box("cat", [6, 6, 6, 6])]));
    expectConsistent(dataset);
    expect(summary(dataset).slice(2)).toEqual([
      "Annotations/a.xml no-boxes-left rejected: the picture lost all its 2 boxes",
      "lost nothing-usable fatal: none of its 1 pictures can be used",
    ]);
    expect(dataset.counts.images).toMatchObject({ background: 0, rejected: 1 });
  });
});

describe("pictures and annotations", () => {
  const cases: [name: string, files: Record<string, string | Uint8Array>, problem: string][] = [
    [
      "no picture",
      { "Annotations/a.xml": annotation([]) },
      "Annotations/a.xml missing-picture rejected: there is no picture a in JPEGImages",
    ],
    [
      "no annotation",
      { "JPEGImages/a.jpg": jpeg, "Annotations/b.xml": "" },
      "ImageSets/Main/s.txt:1 missing-annotation rejected: there is no Annotations/a.xml",
    ],
    [
      "broken XML",
      { "Annotations/a.xml": "<annotation>\n<size>\n</annotation>", "JPEGImages/a.jpg": jpeg },
      "Annotations/a.xml:3 broken-annotation rejected: unexpected close tag",
    ],
    [
      "other XML",
      { "Annotations/a.xml": "<html></html>", "JPEGImages/a.jpg": jpeg },
      "Annotations/a.xml:1 broken-annotation rejected: <html> where <annotation> should stand",
    ],
    [
      "empty picture",
      { "Annotations/a.xml": annotation([]), "JPEGImages/a.jpg": "" },
      "Annotations/a.xml broken-picture rejected: the file is empty",
    ],
    [
      "SVG in disguise",
      { "Annotations/a.xml": annotation([]), "JPEGImages/a.jpg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>' },
      "Annotations/a.xml broken-picture rejected: not a picture of a format that is read (jpeg, png, gif, webp, tiff, bmp)",
    ],
    [
      "boxes for another size",
      {
        "Annotations/a.xml": annotation([box("cat", [5, 5, 500, 9])], "<size><width>1000</width><height>800</height></size>"),
        "JPEGImages/a.jpg": jpeg,
      },
      "Annotations/a.xml size-mismatch rejected: the annotation is for 1000 x 800 pixels, the picture has 100 x 80",
    ],
    [
      "boxes drawn before the picture was turned",
      { "Annotations/a.xml": annotation([box("cat", [5, 5, 95, 9])]), "JPEGImages/a.jpg": turned },
      "Annotations/a.xml rotated rejected: the annotation is for 100 x 80 pixels, the picture has 80 x 100 once it is turned upright as its EXIF orientation asks",
    ],
  ];
  for (const [name, files, problem] of cases) {
    test(name, async () => {
      const dataset = await readVoc(folder(name, { ...files, "ImageSets/Main/s.txt": "a\n", "labels.txt": "cat\n" }), { split: "s" });
      expectConsistent(dataset);
      expect(summary(dataset)[0]).toBe(problem);
      expect(dataset.counts.images).toMatchObject({ found: 1, rejected: 1 });
    });
  }

  test("a wrong size that does no harm is a note", async () => {
    const dataset = await readOne("note", annotation([box("cat", [5, 5, 9, 9])], "<size><width>101</width><height>80</height></size>"));
    expect(summary(dataset)).toEqual([
      "Annotations/a.xml size-mismatch note: the annotation is for 101 x 80 pixels, the picture has 100 x 80",
    ]);
    expect(dataset.counts.images.ok).toBe(1);
  });

  test("an id that is listed twice counts once", async () => {
    const root = folder("twice", {
      "Annotations/a.xml": annotation([box("cat", [1, 1, 9, 9])]),
      "JPEGImages/a.jpg": jpeg,
      "ImageSets/Main/s.txt": "a\na\n",
    });
    const dataset = await readVoc(root, { split: "s" });
    expectConsistent(dataset);
    expect(summary(dataset)).toEqual(["Annotations/a.xml duplicate-id rejected: a is listed more than once"]);
    expect(dataset.entries.length).toBe(1);
  });

  test("other encodings are read when the file names them, broken ones refused", async () => {
    const latin = Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${annotation([box("Mähne", [1, 1, 9, 9])])}`, "latin1");
    expect((await readOne("latin", latin, { labels: "Mähne\n" })).counts.boxes.ok).toBe(1);
    const broken = Buffer.from(annotation([box("Mähne", [1, 1, 9, 9])]), "latin1");
    expect(summary(await readOne("not utf-8", broken))[0]).toBe("Annotations/a.xml:1 broken-annotation rejected: not a text in utf-8");
  });
});

describe("hostile files", () => {
  const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join("");
  const bombs: [name: string, xml: string][] = [
    ["billion laughs", `<!DOCTYPE a [<!ENTITY l0 "lol">${laughs}]><annotation><object><name>&l9;</name></object></annotation>`],
    ["external entity", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation><object><name>&x;</name></object></annotation>'],
    ["200,000 nested elements", `${"<a>".repeat(200_000)}${"</a>".repeat(200_000)}`],
    ["two roots", "<annotation/><annotation/>"],
    ["nothing", ""],
    ["zeros", "\0".repeat(1000)],
  ];
  for (const [name, xml] of bombs) {
    test(`${name} is refused in no time`, async () => {
      const start = performance.now();
      const dataset = await readOne(`bomb ${name}`, xml);
      expect(performance.now() - start).toBeLessThan(2000);
      expect(dataset.problems[0]).toMatchObject({ kind: "broken-annotation", action: "rejected" });
    });
  }

  test("names that lead out of the folder are not opened", async () => {
    const secret = join(scratch, "secret.jpg");
    writeFileSync(secret, jpeg);
    const xml = annotation([], "", "<filename>../../secret.jpg</filename>");
    const names = ["../secret", "/etc/passwd", "..\\secret", "C:\\x", "https://example.org/x", "a/../../secret"];
    const root = folder("escape", { "Annotations/a.xml": xml, "ImageSets/Main/s.txt": [...names, "a", "link", "xml-link"].join("\n") });
    writeFileSync(join(root, "Annotations/link.xml"), annotation([]));
    symlinkSync(secret, join(root, "JPEGImages/link.jpg"));
    symlinkSync(join(scratch, "good/Annotations/a.xml"), join(root, "Annotations/xml-link.xml"));
    const dataset = await readVoc(root, { split: "s" });
    expect(dataset.counts.images).toMatchObject({ found: 9, rejected: 9 });
    expect(summary(dataset)).toEqual([
      ...names.map(
        (id, i) =>
          `ImageSets/Main/s.txt:${i + 1} unsafe-path rejected: the name ${JSON.stringify(id)} would lead out of the data set's folder`,
      ),
      'Annotations/a.xml:1 unsafe-path note: the file name "../../secret.jpg" is not used: it leads out of the data set\'s folder',
      "Annotations/a.xml missing-picture rejected: there is no picture a in JPEGImages",
      "Annotations/link.xml unsafe-path rejected: the picture link.jpg is a link to a place outside JPEGImages",
      "ImageSets/Main/s.txt:9 unsafe-path rejected: Annotations/xml-link.xml is a link to a place outside the data set's folder",
      "escape nothing-usable fatal: none of its 9 pictures can be used",
    ]);
  });

  test("class names from the files do not touch JavaScript's objects", async () => {
    const root = folder("proto", {
      "Annotations/a.xml": annotation([box("__proto__", [1, 1, 9, 9]), box("constructor", [1, 1, 9, 9])]),
      "JPEGImages/a.jpg": jpeg,
    });
    const dataset = await readVoc(root);
    expect(dataset.classes).toEqual(["__proto__", "constructor"]);
    expect([...dataset.entries[0]!.labels]).toEqual([1, 2]);
  });
});

describe("wrong paths are answered with the likeliest right one", () => {
  folder("photos", { "VOC2007/Annotations/a.xml": "", "ImageSets/Main/x.txt": "" });

  test("folders, splits and class lists", async () => {
    const root = folder("paths", {
      "Annotations/a.xml": annotation([]),
      "ImageSets/Main/train.txt": "",
      "ImageSets/Main/val.txt": "",
      "ImageSets/Main/cat_val.txt": "",
    });
    expect(await message(readVoc(join(scratch, "Photo"), { as: "--data" }))).toBe(
      `--data: no such folder: ${scratch}/Photo. Did you mean ${scratch}/photos?`,
    );
    expect(await message(readVoc(join(scratch, "photos")))).toBe(
      `${scratch}/photos is not laid out like Pascal VOC: it has no folder Annotations. Did you mean ${scratch}/photos/VOC2007?`,
    );
    expect(await message(readVoc(root, { split: "trian" }))).toBe(
      `${root}: no split trian in ImageSets/Main. There are train, val. Did you mean train?`,
    );
    expect(await message(readVoc(root, { split: "../x" }))).toBe(`${root}: no split ../x in ImageSets/Main. There are train, val.`);
    writeFileSync(join(root, "labels.txt"), "cat\ndog\ncat\n");
    expect(await message(readVoc(root))).toBe(`${root}/labels.txt, line 3: class cat is listed twice. Remove one of them.`);
  });

  test("an empty split is said to be empty", async () => {
    const dataset = await readVoc(join(scratch, "paths"), { split: "train", classes: ["cat"] });
    expect(summary(dataset)).toEqual(["paths nothing-usable fatal: there is no picture in it"]);
  });
});

const bccd = fileURLToPath(new URL("../../../../../../shared/data/bccd", import.meta.url));

test.skipIf(!existsSync(bccd))("BCCD: two boxes without area are found, all others are used", async () => {
  const dataset = await readVoc(bccd);
  expectConsistent(dataset);
  expect(dataset.classes).toEqual(["RBC", "WBC", "Platelets"]);
  expect(dataset.counts.images.found).toBe(364);
  expect(dataset.counts.boxes).toEqual({ found: 4888, ok: 4886, repaired: 0, rejected: 2 });
  expect(summary(dataset)).toEqual([
    "Annotations/BloodImage_00338.xml:158 #13 no-area rejected: box [504, 337, 504, 337] of RBC has no width and no height",
    "Annotations/BloodImage_00343.xml:50 #4 no-area rejected: box [181, 329, 181, 329] of RBC has no width and no height",
  ]);
});
