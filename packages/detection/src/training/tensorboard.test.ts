import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Evaluation } from "../evaluation/index.js";
import { recipes, resolveRecipe } from "../recipes/index.js";
import { crc32c, type ReadEvent, readEvents } from "../testing/event-reader.js";
import { tensorBoard } from "./tensorboard.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "singleshot-tensorboard-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const evaluation: Evaluation = {
  protocol: "coco",
  map: 0.25,
  classes: [
    { name: "cat", ap: 0.25, ap50: 0.5, groundTruth: 3, detections: 9 },
    { name: "owl", ap: null, ap50: null, groundTruth: 0, detections: 1 },
  ],
  images: 2,
  durationMs: 10,
};

const recipe = resolveRecipe(recipes.get("ssdlite320"));
const place = {
  epoch: 1,
  epochs: 1,
  stepInEpoch: 1,
  stepsPerEpoch: 2,
  learningRates: {},
  gradientNorm: 1,
  images: 2,
  durationMs: 1,
  waitedMs: 0,
};

/** Steps of a run, and an evaluation after the last. */
function writeRun({ done, steps, seconds = 1_700_000_000 }: { done: number; steps: number; seconds?: number }): void {
  const observer = tensorBoard({ now: () => 1000 * seconds });
  observer.started!({ recipe, classes: ["cat", "owl"], root, steps, done });
  for (let step = done + 1; step <= steps; step++) {
    const losses = { loss: 1.5 * step, classification: step, regression: step / 2, learningRate: 0.125 };
    observer.stepped!({ ...place, step, steps, ...losses });
  }
  observer.evaluated!({ epoch: 1, step: steps, evaluation, durationMs: 10, best: true, bestLoss: false });
}

const eventFiles = () => readdirSync(root).map((name) => join(root, name));

test("every record has the right checksums, and the scalars come back", () => {
  writeRun({ done: 0, steps: 2 });
  const [file, ...others] = eventFiles();
  expect(others).toEqual([]);
  expect(file).toContain("events.out.tfevents.1700000000.singleshot.");
  const wallTime = 1_700_000_000;
  expect(readEvents(readFileSync(file!))).toEqual([
    { wallTime, step: 0, version: "brain.Event:2" },
    { wallTime, step: 1, starts: true },
    { wallTime, step: 1, scalars: { "loss/total": 1.5, "loss/classification": 1, "loss/regression": 0.5, learningRate: 0.125 } },
    { wallTime, step: 2, scalars: { "loss/total": 3, "loss/classification": 2, "loss/regression": 1, learningRate: 0.125 } },
    { wallTime, step: 2, scalars: { mAP: 0.25, "AP50/cat": 0.5 } },
  ] satisfies ReadEvent[]);
});

test("large steps and long names survive", () => {
  const observer = tensorBoard();
  const name = "x".repeat(300);
  observer.started!({ recipe, classes: [name], root, steps: 1, done: 5_000_000_000 });
  const classes = [{ ...evaluation.classes[0]!, name }];
  observer.evaluated!({
    epoch: 1,
    step: 5_000_000_001,
    evaluation: { ...evaluation, classes },
    durationMs: 10,
    best: true,
    bestLoss: false,
  });
  const [, start, scalars] = readEvents(readFileSync(eventFiles()[0]!));
  expect(start).toMatchObject({ step: 5_000_000_001, starts: true });
  expect(scalars).toMatchObject({ step: 5_000_000_001, scalars: { mAP: 0.25, [`AP50/${name}`]: 0.5 } });
});

test("the reader's own checksum is CRC-32C", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283); // the check value of the catalogue of CRCs
});

const python = process.env.SINGLESHOT_PYTHON;
const hasTensorBoard = python !== undefined && spawnSync(python, ["-c", "import tensorboard"]).status === 0;

test.skipIf(!hasTensorBoard)("TensorBoard itself reads it, and drops what a resumed run did again", () => {
  writeRun({ done: 0, steps: 3 });
  writeRun({ done: 1, steps: 2, seconds: 1_700_000_100 });
  const script = [
    "import sys, json",
    "from tensorboard.backend.event_processing.event_accumulator import EventAccumulator",
    "a = EventAccumulator(sys.argv[1]); a.Reload()",
    "print(json.dumps({tag: [[e.step, e.value] for e in a.Scalars(tag)] for tag in a.Tags()['scalars']}))",
  ].join("\n");
  const { stdout, stderr } = spawnSync(python!, ["-c", script, root], { encoding: "utf8" });
  expect(JSON.parse(stdout || `"${stderr}"`)).toEqual({
    "loss/total": [
      [1, 1.5],
      [2, 3],
    ],
    "loss/classification": [
      [1, 1],
      [2, 2],
    ],
    "loss/regression": [
      [1, 0.5],
      [2, 1],
    ],
    learningRate: [
      [1, 0.125],
      [2, 0.125],
    ],
    mAP: [[2, 0.25]],
    "AP50/cat": [[2, 0.5]],
  });
});
