import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fuzzCount, mutate } from "@singleshot/testing";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { InputError } from "../../errors.js";
import { randomOf } from "../../random.js";
import { expectUsable } from "../testing/index.js";
import { readVoc } from "./index.js";

const BATCH = 100;
const root = mkdtempSync(join(tmpdir(), "voc-fuzz-"));
afterAll(() => rmSync(root, { recursive: true }));
for (const folder of ["Annotations", "JPEGImages", "ImageSets/Main"]) mkdirSync(join(root, folder), { recursive: true });

const object = (i: number) => `<object>
    <name>${i % 2 ? "cat" : "dog"}</name><pose>Left</pose><difficult>${i % 3 ? 0 : 1}</difficult>
    <bndbox><xmin>${10 + i}</xmin><ymin>${7 * i}.5</ymin><xmax>${40 + i}</xmax><ymax>${7 * i + 20}</ymax></bndbox>
  </object>`;
const xml = `<?xml version="1.0" encoding="utf-8"?>
<annotation><folder>x</folder><filename>a.jpg</filename><size><width>100</width><height>80</height><depth>3</depth></size>
  ${[0, 1, 2, 3].map(object).join("\n  ")}
</annotation>`;
const jpeg = await sharp({ create: { width: 100, height: 80, channels: 3, background: "#808080" } })
  .jpeg()
  .toBuffer();
const ids = Array.from({ length: BATCH }, (_, i) => `p${i}`);
const seed = Number(process.env.FUZZ_SEED ?? 1);

function write(folder: string, ending: string, content: (i: number) => string | Uint8Array): void {
  for (const [i, id] of ids.entries()) writeFileSync(join(root, folder, `${id}${ending}`), content(i));
}

test("damaged annotations never crash the reader, never hang it, and never give an unusable box", async () => {
  write("JPEGImages", ".jpg", () => jpeg);
  const bytes = new TextEncoder().encode(xml);
  for (let round = 0; round < fuzzCount(2000) / BATCH; round++) {
    write("Annotations", ".xml", (i) => mutate(bytes, randomOf(seed, round, i)));
    const start = performance.now();
    const dataset = await readVoc(root, round % 2 ? { classes: ["cat", "dog"] } : {});
    expect(performance.now() - start).toBeLessThan(2000 + BATCH);
    expect(dataset.counts.images.found).toBe(BATCH);
    expectUsable(dataset);
  }
});

test("damaged pictures are rejected one by one", async () => {
  write("Annotations", ".xml", () => xml);
  for (let round = 0; round < fuzzCount(200) / BATCH; round++) {
    write("JPEGImages", ".jpg", (i) => mutate(jpeg, randomOf(seed, 1000 + round, i)));
    const dataset = await readVoc(root);
    expect(dataset.counts.images.found).toBe(BATCH);
    expectUsable(dataset);
  }
});

test("damaged lists are read or refused with one message", async () => {
  write("Annotations", ".xml", () => xml);
  write("JPEGImages", ".jpg", () => jpeg);
  const list = new TextEncoder().encode(ids.slice(0, 8).join("\n"));
  const labels = new TextEncoder().encode("background\ncat\ndog\n");
  for (let trial = 0; trial < fuzzCount(200); trial++) {
    writeFileSync(join(root, "ImageSets/Main/train.txt"), mutate(list, randomOf(seed, 2000, trial)));
    writeFileSync(join(root, "labels.txt"), mutate(labels, randomOf(seed, 3000, trial)));
    const dataset = await readVoc(root, { split: "train" }).catch((error) => error);
    if (dataset instanceof Error) expect(dataset).toBeInstanceOf(InputError);
    else expectUsable(dataset);
  }
});
