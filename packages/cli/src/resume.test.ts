import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspectFile } from "@singleshot/torch/inspect";
import { between, randomOf } from "@singleshot/vision";
import { beforeAll, expect, test } from "vitest";
import { type Ended, singleshot, start, temporaryFolder, tinyRecipe, writeTinyData } from "./testing/index.js";

const EPOCHS = 8;
const threads = process.env.KILL_THREADS ?? "1"; // numbers are equal for equal numbers of threads only; more make so small a net slower
const THREADS = ["--threads", threads];
const flags = ["--import", new URL("./testing/kill-at.js", import.meta.url).href];
const cwd = temporaryFolder();
const at = (...names: string[]) => join(cwd, ...names);

const train = (out: string) => ["train", "--recipe", "tiny.json", "--data", "photos", "--out", out, ...THREADS];
const resume = (out: string) => ["train", "--resume", out, ...THREADS];

/** Random moments, the same in every run of the tests; KILL_SEED gives others. */
const draw = randomOf(Number(process.env.KILL_SEED ?? 1));
const wholeBetween = (from: number, to: number) => Math.floor(between(draw, from, to + 1));

/** All that a run has come to: every tensor and number of its checkpoints, every byte of its metrics. */
function outcome(run: string) {
  const checkpoint = (name: string) => inspectFile(at(run, "checkpoints", `${name}.pth`), { digests: true });
  return { last: checkpoint("last"), best: checkpoint("best"), metrics: readFileSync(at(run, "metrics.jsonl"), "utf8") };
}

const stumps = (run: string) => readdirSync(at(run, "checkpoints")).filter((name) => name.endsWith(".tmp"));

let undisturbed: ReturnType<typeof outcome>;
let writesPerEpoch: number;

beforeAll(async () => {
  await writeTinyData(at("photos"));
  const schedule = { ...tinyRecipe.schedule, epochs: EPOCHS };
  writeFileSync(at("tiny.json"), JSON.stringify({ ...tinyRecipe, schedule, evaluation: { everyEpochs: 2 } }));
  expect(await singleshot(train("whole"), { cwd, flags, env: { KILL_COUNT: at("writes") } })).toMatchObject({ code: 0, stderr: "" });
  undisturbed = outcome("whole");
  writesPerEpoch = Math.floor(Number(readFileSync(at("writes"), "utf8")) / EPOCHS);
}, 60_000);

test("a run that is killed three times and resumed ends with the same tensors as one that was not", async () => {
  const killed = { code: null, signal: "SIGKILL" };
  expect(await killedAtSomeTime(train("killed"), "killed")).toMatchObject(killed);

  const write = `write ${wholeBetween(1, 1.5 * writesPerEpoch)}`;
  expect(await singleshot(resume("killed"), { cwd, flags, env: { KILL_AT: write } })).toMatchObject(killed);
  expect(stumps("killed"), `killed at ${write}`).toHaveLength(1);

  const line = `line ${wholeBetween(1, 4)}`;
  expect(await singleshot(resume("killed"), { cwd, flags, env: { KILL_AT: line } })).toMatchObject(killed);

  expect(await singleshot(resume("killed"), { cwd })).toMatchObject({ code: 0, stderr: "" });
  expect(outcome("killed")).toEqual(undisturbed);
  expect(stumps("killed")).toEqual([]);
});

/** Killed from outside, some milliseconds behind some step. */
async function killedAtSomeTime(args: readonly string[], run: string): Promise<Ended> {
  const [step, delayMs] = [wholeBetween(1, 5), between(draw, 0, 150)];
  const { child, ended } = start(args, { cwd });
  const metrics = at(run, "metrics.jsonl");
  const steps = () => (existsSync(metrics) ? readFileSync(metrics, "utf8").split('"step":').length - 1 : 0);
  while (child.exitCode === null && steps() < step) await new Promise((resolve) => setTimeout(resolve, 5));
  setTimeout(() => child.kill("SIGKILL"), delayMs);
  return ended;
}

test("Ctrl-C saves and says how to go on; gone on with, the run ends as if nothing had been", async () => {
  const { child, ended, says } = start(train("stopped"), { cwd });
  await says(`epoch 1/${EPOCHS}`);
  child.kill("SIGINT");
  const { code, stdout, stderr } = await ended;
  expect(code).toBe(130);
  expect(stderr).toBe("Stopping: what is in hand is finished, then all is saved. Another Ctrl-C ends at once.\n");
  const [, step] = /Interrupted after step (\d+)/.exec(stdout) ?? [];
  expect(stdout.slice(stdout.indexOf("\nInterrupted"))).toBe(`
Interrupted after step ${step}; all is saved. To go on:
  npx singleshot train --resume stopped --threads ${threads}
`);
  expect(await singleshot(resume("stopped"), { cwd })).toMatchObject({ code: 0, stderr: "" });
  expect(outcome("stopped")).toEqual(undisturbed);
});
