import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatasetEntry } from "@singleshot/vision";
import { decodeBytes, writePicture } from "@singleshot/vision/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Evaluation } from "../../../evaluation/index.js";
import { recipes, resolveRecipe } from "../../../recipes/index.js";
import { crc32c, type ReadEvent, readEvents, readFields } from "../../../testing/event-reader.js";
import { hyperParameters, tensorBoard } from "./index.js";

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

const losses = { loss: 5, classification: 4, regression: 1 };
const recipe = resolveRecipe(recipes.get("ssdlite320"));

/** Steps of a run, and an evaluation after the last. */
async function writeRun({ done, steps, seconds = 1_700_000_000 }: { done: number; steps: number; seconds?: number }): Promise<void> {
  const observer = tensorBoard({ now: () => 1000 * seconds });
  observer.started!({ recipe, classes: ["cat", "owl"], root, steps, done });
  for (let step = done + 1; step <= steps; step++) {
    const losses = { loss: 1.5 * step, classification: step, regression: step / 2, learningRate: 0.125 };
    const place = { epoch: 1, epochs: 1, step, steps, stepInEpoch: step, stepsPerEpoch: steps, images: 2, durationMs: 1, waitedMs: 0 };
    observer.stepped!({ ...place, ...losses, gradientNorm: 4, learningRates: { backbone: 0.125, heads: 0.25 } });
  }
  await observer.evaluated!({ epoch: 1, step: steps, evaluation, losses, durationMs: 1, best: true, bestLoss: true });
  observer.ended!({ step: steps, interrupted: false });
}

const eventFiles = () => readdirSync(root).map((name) => join(root, name));

test("every record has the right checksums, and the scalars come back", async () => {
  await writeRun({ done: 0, steps: 2 });
  const [file, ...others] = eventFiles();
  expect(others).toEqual([]);
  expect(file).toContain("events.out.tfevents.1700000000.singleshot.");
  const wallTime = 1_700_000_000;
  const [version, start, ...events] = readEvents(readFileSync(file!));
  expect([version, start]).toEqual([
    { wallTime, step: 0, version: "brain.Event:2" },
    { wallTime, step: 1, starts: true },
  ]);
  expect(events.filter(({ scalars }) => scalars)).toEqual([
    { wallTime, step: 1, scalars: { "loss/total": 1.5, "loss/classification": 1, "loss/regression": 0.5, ...ofEveryStep } },
    { wallTime, step: 2, scalars: { "loss/total": 3, "loss/classification": 2, "loss/regression": 1, ...ofEveryStep } },
    {
      ...{ wallTime, step: 2 },
      scalars: { mAP: 0.25, "AP50/cat": 0.5, "validation/loss": 5, "validation/classification": 4, "validation/regression": 1 },
    },
  ] satisfies ReadEvent[]);
});

const ofEveryStep = { learningRate: 0.125, "learningRate/backbone": 0.125, "learningRate/heads": 0.25, gradientNorm: 4 };

test("large steps and long names survive", () => {
  const observer = tensorBoard();
  const name = "x".repeat(300);
  observer.started!({ recipe, classes: [name], root, steps: 1, done: 5_000_000_000 });
  const classes = [{ ...evaluation.classes[0]!, name }];
  observer.evaluated!({
    epoch: 1,
    step: 5_000_000_001,
    evaluation: { ...evaluation, classes },
    durationMs: 1,
    best: true,
    bestLoss: false,
  });
  const events = readEvents(readFileSync(eventFiles()[0]!));
  expect(events[1]).toMatchObject({ step: 5_000_000_001, starts: true });
  expect(events.at(-1)).toMatchObject({ step: 5_000_000_001, scalars: { mAP: 0.25, [`AP50/${name}`]: 0.5 } });
});

test("the recipe is a row of the table of hyper-parameters and a text, and the row is ended", async () => {
  await writeRun({ done: 0, steps: 1 });
  const plugins = readEvents(readFileSync(eventFiles()[0]!)).flatMap((event) => Object.entries(event.plugins ?? {}));
  expect(plugins.map(([tag, { name }]) => [tag, name])).toEqual([
    ["_hparams_/session_start_info", "hparams"],
    ["recipe", "text"],
    ["_hparams_/session_end_info", "hparams"],
  ]);
  const [start, text] = plugins.map(([, plugin]) => plugin);
  expect(text!.text).toBe(`\`\`\`json\n${JSON.stringify(recipe, null, 2)}\n\`\`\``);
  const session = readFields(new Map(readFields(start!.content!)).get(3) as Buffer);
  const entries = session.filter(([number]) => number === 1).map(([, entry]) => new Map(readFields(entry as Buffer)));
  expect(entries.map((entry) => String(entry.get(1)))).toEqual([...hyperParameters(recipe).keys()]);
});

test("hyper-parameters are the settings by their keys; of lists only the short ones, of what describes nothing", () => {
  const levels = Array.from({ length: 9 }, (_, i) => ({ scale: 0.1 * i, ratios: [2, 3] }));
  const settings = {
    name: "mine",
    source: "me",
    optimizer: { learningRate: 0.5, nesterov: true, betas: [0.9, 0.99] },
    anchors: { levels },
  };
  expect([...hyperParameters(settings)]).toEqual([
    ["name", "mine"],
    ["optimizer.learningRate", 0.5],
    ["optimizer.nesterov", true],
    ["optimizer.betas", "[0.9,0.99]"],
  ]);
});

test("some pictures of the evaluation are drawn, the same at every one; what cannot be read is left out", async () => {
  const picture = { data: new Uint8Array(3 * 40 * 30).fill(90), width: 40, height: 30 };
  await Promise.all([0, 1, 2, 4].map((i) => writePicture(join(root, `${i}.png`), picture)));
  const entries = [0, 1, 2, 3, 4].map((i) => ({ ...entryOf(`${i}`), imageFile: join(root, `${i}.png`) }));
  const found = entries.map(({ id }) => ({ image: id, boxes: Float32Array.of(1, 1, 20, 20), labels: [1], scores: [0.9] }));
  const observer = tensorBoard();
  const dataset = { name: "d", classes: ["cat", "owl"], entries, problems: [], details: [], counts: {} as never };
  const log = join(root, "log");
  observer.started!({ recipe, classes: ["cat", "owl"], root: log, steps: 9, done: 0, evaluation: dataset });
  await observer.evaluated!({ epoch: 1, step: 7, evaluation, detections: found, durationMs: 1, best: true, bestLoss: true });
  const events = readEvents(readFileSync(join(log, readdirSync(log)[0]!)));
  const pictures = events.flatMap((event) =>
    Object.entries(event.pictures ?? {}).map(([tag, drawn]) => ({ tag, step: event.step, ...drawn })),
  );
  expect(pictures.map(({ tag, step, width, height }) => [tag, step, width, height])).toEqual([
    ["examples/0", 7, 427, 320],
    ["examples/1", 7, 427, 320],
    ["examples/2", 7, 427, 320],
  ]); // 3 would have been next
  for (const { bytes } of pictures) expect(await decodeBytes(bytes)).toMatchObject({ width: 427, height: 320 });
});

const entryOf = (id: string): DatasetEntry => ({
  ...{ id, imageFile: "", width: 40, height: 30, source: "" },
  ...{ boxes: Float32Array.of(2, 2, 18, 18), labels: Int32Array.of(1), flags: new Uint8Array(1) },
});

test("the reader's own checksum is CRC-32C", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283); // the check value of the catalogue of CRCs
});

const python = process.env.SINGLESHOT_PYTHON;
const hasTensorBoard = python !== undefined && spawnSync(python, ["-c", "import tensorboard"]).status === 0;

test.skipIf(!hasTensorBoard)("TensorBoard itself reads it, and drops what a resumed run did again", async () => {
  await writeRun({ done: 0, steps: 3 });
  await writeRun({ done: 1, steps: 2, seconds: 1_700_000_100 });
  const script = [
    "import sys, json",
    "from tensorboard.backend.event_processing.event_accumulator import EventAccumulator",
    "a = EventAccumulator(sys.argv[1]); a.Reload()",
    "print(json.dumps({tag: [[e.step, e.value] for e in a.Scalars(tag)] for tag in a.Tags()['scalars']}))",
  ].join("\n");
  const { stdout, stderr } = spawnSync(python!, ["-c", script, root], { encoding: "utf8" });
  const curves = JSON.parse(stdout || `"${stderr}"`) as Record<string, [number, number][]>;
  expect(Object.keys(curves).length).toBe(Object.keys(ofEveryStep).length + 3 + 2 + 3);
  expect(curves).toMatchObject({
    "loss/total": [
      [1, 1.5],
      [2, 3],
    ],
    "learningRate/heads": [
      [1, 0.25],
      [2, 0.25],
    ],
    mAP: [[2, 0.25]],
    "AP50/cat": [[2, 0.5]],
    "validation/loss": [[2, 5]],
  });
});
