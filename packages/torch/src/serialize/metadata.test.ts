import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { inspectFile, loadMetadata, writeCheckpoint, writeSafetensors } from "./index.js";
import { zipArchive } from "./zip/index.js";

const folder = mkdtempSync(join(tmpdir(), "metadata-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "a.pth");

test("texts travel beside a checkpoint's value", () => {
  const beside = new Map([
    ["classes", '["cat","dög"]'],
    ["recipe", "{}"],
  ]);
  writeCheckpoint(path, new Map([["epoch", 3]]), beside);
  expect(loadMetadata(path)).toEqual(beside);
  const { metadata, classes } = inspectFile(path);
  expect(metadata).toEqual(new Map<string, unknown>([...beside, ["epoch", 3]]));
  expect(classes).toEqual(["cat", "dög"]);
});

test("and beside the tensors of safetensors", () => {
  const file = join(folder, "a.safetensors");
  writeSafetensors(file, new Map(), new Map([["format", "pt"]]));
  expect(loadMetadata(file)).toEqual(new Map([["format", "pt"]]));
});

test("a file without them has none", () => {
  writeCheckpoint(path, new Map([["epoch", 3]]));
  expect(loadMetadata(path)).toEqual(new Map());
});

test.each([
  ["[1]", "its metadata are not JSON"],
  ["{", "its metadata are not JSON"],
  ['{"recipe": 1}', "its metadata are not texts"],
])("metadata %s are refused", (text, problem) => {
  const records = [
    { name: "archive/data.pkl", bytes: Buffer.from("") },
    { name: "archive/metadata.json", bytes: Buffer.from(text) },
  ];
  writeFileSync(path, Buffer.concat([...zipArchive(records)]));
  expect(() => loadMetadata(path)).toThrow(`${path}: ${problem}. The file is damaged or forged: get it again from its source.`);
});
