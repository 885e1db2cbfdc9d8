import { expect, test } from "vitest";
import { temporaryFolder, writeTinyData } from "../testing/index.js";
import { dataFlags, dataSource, sourceOfRun } from "./source.js";

test("a run's data set is understood as in training, wherever it lies now, unless a flag says otherwise", async () => {
  const root = temporaryFolder();
  await writeTinyData(root);
  const run = { root, dataset: "voc", split: "train", pixelsFrom: 1, groups: "objects" } as const;
  const rules = ({ options: { pixelsFrom, groups } }: ReturnType<typeof dataSource>) => ({ pixelsFrom, groups });
  for (const flags of [{}, { data: [root] }]) {
    expect(rules(sourceOfRun(run, flags))).toEqual({ pixelsFrom: 1, groups: "objects" });
    expect(rules(sourceOfRun(run, { ...flags, pixelsFrom: 0 }))).toEqual({ pixelsFrom: 0, groups: "objects" });
  }
  expect(rules(dataSource({ data: [root] }))).toEqual({ pixelsFrom: undefined, groups: undefined });
});

test("how it is understood belongs to the flags that name it", async () => {
  const root = temporaryFolder();
  await writeTinyData(root);
  const source = dataSource({ data: [root], pixelsFrom: 1, groups: "objects" });
  expect(dataFlags(source)).toBe(`--data ${root} --pixels-from 1 --groups objects`);
});
