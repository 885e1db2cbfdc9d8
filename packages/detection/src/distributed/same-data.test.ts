import { hostname } from "node:os";
import type { Dataset, DatasetEntry } from "@singleshot/vision";
import { expect, test } from "vitest";
import { teamsOf } from "../testing/teams.js";
import { type DataSets, requireSameData } from "./same-data.js";

const entry = (id: string, box = [1, 2, 30, 40]): DatasetEntry => ({
  ...{ id, imageFile: `${id}.jpg`, width: 64, height: 48, source: `${id}.xml` },
  ...{ boxes: Float32Array.from(box), labels: Int32Array.of(1), flags: Uint8Array.of(0) },
});

const photos = (entries: DatasetEntry[], classes = ["bolt", "nut"]) =>
  ({ name: "photos", classes, entries }) as Partial<Dataset> as Dataset;

const usual = { training: photos([entry("a"), entry("b")]), evaluation: photos([entry("c")]) };

const asked = (...ranks: DataSets[]) =>
  Promise.allSettled(teamsOf(ranks.length).map((team, rank) => requireSameData(team, ranks[rank]!))).then((results) =>
    results.map((result) => (result.status === "rejected" ? result.reason.message : "goes on")),
  );

test("processes with the same data go on, wherever it lies", async () => {
  const elsewhere = { ...entry("a"), imageFile: "another/folder/a.jpg" };
  expect(await asked(usual, { ...usual, training: photos([elsewhere, entry("b")]) })).toEqual(["goes on", "goes on"]);
});

test.each<[problem: string, name: string, other: DataSets]>([
  ["1 picture, not 2", "training", { ...usual, training: photos([entry("a")]) }],
  ["the classes nut, bolt, not bolt, nut", "training", { ...usual, training: photos(usual.training.entries, ["nut", "bolt"]) }],
  ["as many pictures, but other ones, or other boxes in them", "training", { ...usual, training: photos([entry("b"), entry("a")]) }],
  [
    "as many pictures, but other ones, or other boxes in them",
    "evaluation",
    { ...usual, evaluation: photos([entry("c", [1, 2, 30, 41])]) },
  ],
  ["none there", "evaluation", { training: usual.training, evaluation: undefined }],
])("%s: all are told who has other data for %s", async (problem, name, other) => {
  const message =
    `rank 1 on ${hostname()} has other data for ${name} than rank 0 on ${hostname()}: ${problem}. ` +
    "All processes read the same pictures and annotations: name the same data, or copy the folder again.";
  expect(await asked(usual, other, usual)).toEqual([message, message, message]);
});
