import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { Sample } from "./testing/training-loop.js";

/** R11: `TRAINING_STEPS=20000` before a release. */
const steps = Number(process.env.TRAINING_STEPS ?? 10_000);

/** The sizes of V8's nursery are fixed: it would grow in leaps of its own, up to 48 MB. */
const flags = ["--expose-gc", "--min-semi-space-size=1", "--max-semi-space-size=1"];

interface Growth {
  /** resident bytes a step, by least squares after a quarter of warm-up */
  bytesPerStep: number;
  /** between the first and the last count */
  tensors: number;
}

async function train(steps: number, leak: string): Promise<Growth> {
  const program = fileURLToPath(new URL("testing/training-loop.js", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, String(steps), leak]);
  const samples = (JSON.parse(stdout) as Sample[]).slice(5);
  const mean = (of: (sample: Sample) => number) => samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [step, resident] = [mean((sample) => sample.step), mean((sample) => sample.resident)];
  const covariance = mean((sample) => (sample.step - step) * (sample.resident - resident));
  const variance = mean((sample) => (sample.step - step) ** 2);
  return { bytesPerStep: covariance / variance, tensors: samples.at(-1)!.liveTensors - samples[0]!.liveTensors };
}

const isFlat = ({ bytesPerStep, tensors }: Growth) => bytesPerStep <= 512 && tensors === 0;

test(`${steps} training steps leave memory flat: at most half a kilobyte a step, and as many tensors as before`, async () => {
  const growth = await train(steps, "nothing");
  console.log(`memory: ${growth.bytesPerStep.toFixed(0)} bytes a step over ${steps} steps`);
  expect(isFlat(growth), JSON.stringify(growth)).toBe(true);
}, 240_000);

test.each(["tensor", "array", "graph"])(
  "a loop that loses its %s in each step fails the same check",
  async (leak) => {
    expect(isFlat(await train(1000, leak))).toBe(false);
  },
  120_000,
);
