import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type RecipeInput, recipes } from "@singleshot/detection/recipes";
import { serialize } from "@singleshot/torch";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../testing/index.js";
import { parse } from "../program/index.js";
import { pets, play } from "../testing/index.js";
import { observers } from "./observers.js";
import { testLines } from "./test-lines.js";
import { train } from "./train.js";

const folder = temporaryFolder();

async function run(...argv: string[]): Promise<string[]> {
  return runIn(undefined, ...argv);
}

async function runIn(here: { recipe?: RecipeInput; world?: object; device?: string } | undefined, ...argv: string[]): Promise<string[]> {
  const lines: string[] = [];
  const { values } = parse(train as never, ["--print-freq=2", "--model=ssd300_vgg16", ...argv]);
  const recipe = here?.recipe ?? recipes.get("ssd300-vgg16")!;
  const observed = {
    flags: values,
    folder,
    recipe,
    train: pets,
    evaluation: pets,
    say: (line: string) => lines.push(line),
    ...here,
  };
  await play(observers(observed as never), recipe, { evaluate: [2] });
  return lines;
}

const world = { rank: 0, size: 8, localRank: 0 };

test("rank 0 of several says so, in its first line and among its arguments", async () => {
  const lines = await runIn({ world, device: "cpu" }, "--output-dir=");
  expect(lines[0]).toBe("| distributed init (rank 0): env://");
  expect(lines[1]).toMatch(/, world_size=8, dist_url='env:\/\/', .*, rank=0, gpu=0, distributed=True, dist_backend='gloo'\)$/);
  const onGpus = await runIn({ world, device: "cuda:0" }, "--output-dir=");
  expect(onGpus[1]).toMatch(/, gpu=0, distributed=True, dist_backend='nccl'\)$/);
});

test("the log is train.py's: medians, means in parentheses, the time that is left", async () => {
  const lines = await run();
  expect(lines[1]).toMatch(/^Namespace\(data_path=.*, weights=None, weights_backbone=None, amp=False, .*\)$/);
  expect([lines[0], ...lines.slice(2, -1)]).toEqual([
    ...["Not using distributed mode", "Loading data", "Creating data loaders", "Creating model", "Start training"],
    "Epoch: [0]  [0/3]  eta: 0:00:03  lr: 0.500000  loss: 9.0000 (9.0000)  bbox_regression: 3.5000 (3.5000)  classification: 5.5000 (5.5000)  time: 1.0000  data: 0.2500",
    "Epoch: [0]  [2/3]  eta: 0:00:01  lr: 0.500000  loss: 8.0000 (8.0000)  bbox_regression: 3.0000 (3.0000)  classification: 5.0000 (5.0000)  time: 1.0000  data: 0.2500",
    "Epoch: [0] Total time: 0:00:03 (1.0000 s / it)",
    "Epoch: [1]  [0/3]  eta: 0:00:03  lr: 0.050000  loss: 6.0000 (6.0000)  bbox_regression: 2.0000 (2.0000)  classification: 4.0000 (4.0000)  time: 1.0000  data: 0.2500",
    "Epoch: [1]  [2/3]  eta: 0:00:01  lr: 0.050000  loss: 5.0000 (5.0000)  bbox_regression: 1.5000 (1.5000)  classification: 3.5000 (3.5000)  time: 1.0000  data: 0.2500",
    "Epoch: [1] Total time: 0:00:03 (1.0000 s / it)",
    "Test: Total time: 0:00:00 (0.2500 s / it)",
    "Averaged stats: model_time: 0.2500 (0.2500)  evaluator_time: 0.0000 (0.0000)",
    "IoU metric: bbox",
    " Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.250",
    " Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = 0.500",
    " Average Precision  (AP) @[ IoU=0.75      | area=   all | maxDets=100 ] = 0.125",
    " Average Precision  (AP) @[ IoU=0.50:0.95 | area= small | maxDets=100 ] = -1.000",
    " Average Precision  (AP) @[ IoU=0.50:0.95 | area=medium | maxDets=100 ] = 0.200",
    " Average Precision  (AP) @[ IoU=0.50:0.95 | area= large | maxDets=100 ] = 0.300",
    " Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets=  1 ] = 0.100",
    " Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets= 10 ] = 0.200",
    " Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.300",
    " Average Recall     (AR) @[ IoU=0.50:0.95 | area= small | maxDets=100 ] = -1.000",
    " Average Recall     (AR) @[ IoU=0.50:0.95 | area=medium | maxDets=100 ] = 0.400",
    " Average Recall     (AR) @[ IoU=0.50:0.95 | area= large | maxDets=100 ] = 0.500",
  ]);
  expect(lines.at(-1)).toMatch(/^Training time 0:00:0\d$/);
});

test("every epoch leaves its whole state, by torchvision's keys", () => {
  expect(readdirSync(folder).sort()).toEqual(["checkpoint.pth", "model_0.pth", "model_1.pth"]);
  const saved = serialize.load(join(folder, "model_1.pth")) as Map<string, unknown>;
  expect([...saved.keys()]).toEqual(["model", "optimizer", "lr_scheduler", "args", "epoch"]);
  expect([saved.get("epoch"), (saved.get("args") as Map<string, unknown>).get("batch_size")]).toEqual([1, 2]);
  expect(saved.get("lr_scheduler")).toEqual(
    new Map<string, unknown>([
      [
        "milestones",
        new Map([
          [80, 1],
          [110, 1],
        ]),
      ],
      ["gamma", 0.1],
      ["base_lrs", [0.002]],
      ["last_epoch", 2],
      ["_step_count", 3],
      ["_last_lr", [0.002]],
    ]),
  );
});

test("the first epoch's number is in lines and files", async () => {
  const lines = await run("--start_epoch=3");
  expect(lines.filter((line) => line.includes("Total time: ")).slice(0, 2)).toEqual([
    "Epoch: [3] Total time: 0:00:03 (1.0000 s / it)",
    "Epoch: [4] Total time: 0:00:03 (1.0000 s / it)",
  ]);
  const saved = serialize.load(join(folder, "model_4.pth")) as Map<string, unknown>;
  expect(saved.get("epoch")).toBe(4);
});

test("an evaluation has a line for the first picture, every hundredth behind it, and the last", () => {
  const lines: string[] = [];
  let time = 0;
  const { begin, done, ended } = testLines(
    (line) => lines.push(line),
    () => time,
  );
  begin();
  for (let pictures = 0; pictures < 250; ) {
    pictures = Math.min(250, pictures + 16);
    time += 160;
    done({ done: pictures, total: 250 });
  }
  time += 440;
  ended({ images: 250, durationMs: 3000 } as never);
  const times = "model_time: 0.0100 (0.0100)  evaluator_time: 0.0000 (0.0000)  time: 0.0100  data: 0.0000";
  expect(lines.slice(0, 6)).toEqual([
    `Test:  [  0/250]  eta: 0:00:02  ${times}`,
    `Test:  [100/250]  eta: 0:00:01  ${times}`,
    `Test:  [200/250]  eta: 0:00:00  ${times}`,
    expect.stringMatching(/^Test: {2}\[249\/250\] {2}eta: 0:00:00 {2}model_time: /),
    "Test: Total time: 0:00:03 (0.0120 s / it)",
    "Averaged stats: model_time: 0.0102 (0.0102)  evaluator_time: 0.0018 (0.0018)",
  ]);
});

test("with --amp there is a scaler's state, which train.py asks for", async () => {
  await run("--amp");
  const saved = serialize.load(join(folder, "checkpoint.pth")) as Map<string, unknown>;
  expect(saved.get("scaler")).toEqual(
    new Map([
      ["scale", 65536],
      ["growth_factor", 2],
      ["backoff_factor", 0.5],
      ["growth_interval", 2000],
      ["_growth_tracker", 0],
    ]),
  );
});

test("the rate is already that of the next epoch, as train.py goes on with it", async () => {
  const recipe = recipes.get("ssd300-vgg16")!;
  const rates = async (schedule: RecipeInput["schedule"]) => {
    await runIn({ recipe: { ...recipe, schedule } });
    return [0, 1].map((epoch) => {
      const saved = serialize.load(join(folder, `model_${epoch}.pth`)) as Map<string, Map<string, unknown>>;
      const [group] = saved.get("optimizer")!.get("param_groups") as Map<string, number>[];
      expect(saved.get("lr_scheduler")!.get("_last_lr")).toEqual([group!.get("lr")]);
      return Number(group!.get("lr")!.toPrecision(6));
    });
  };
  expect(await rates({ name: "multi-step", epochs: 2, milestones: [2] })).toEqual([0.002, 0.0002]);
  expect(await rates({ name: "cosine", epochs: 4 })).toEqual([0.00170711, 0.001]);
});

test("an empty --output-dir leaves nothing", async () => {
  const before = readdirSync(folder).length;
  await run("--output-dir", "");
  expect(readdirSync(folder).length).toBe(before);
});
