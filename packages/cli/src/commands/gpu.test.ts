import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostReads, simulatedDevice } from "@singleshot/torch/testing";
import { beforeAll, expect, test, vi } from "vitest";
import { runHere, temporaryFolder, tinyRecipe, writeTinyData } from "../testing/index.js";

vi.mock("@singleshot/torch", async (original) => ({ ...(await original<object>()), findDevice: () => simulatedDevice() }));

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const small = ["classifier.side=32", "classifier.network.width=0.25"].flatMap((setting) => ["--set", setting]);
const jetson = ["--dataset-type=voc", `--data=${at("photos")}`, "--net=mb2-ssd-lite", "--mb2-width-mult=0.25", "--resolution=64"];

beforeAll(async () => {
  await writeTinyData(at("photos"));
  await runHere("data", "convert", at("photos"), "--to", "folder", "--out", at("crops"));
  writeFileSync(at("tiny.json"), JSON.stringify({ ...tinyRecipe, schedule: { name: "cosine", epochs: 1 } }));
}, 60_000);

test.each([
  ["train", "--recipe", at("tiny.json"), "--data", at("photos"), "--out", at("run"), "--no-report"],
  ["eval", at("run"), "--data", at("photos")],
  ["predict", at("run"), at("photos/JPEGImages")],
  ["report", at("run")],
  ["pretrain", "--recipe", "classifier-small", "--data", at("crops"), "--out", at("classifier"), "--steps", "1", ...small],
  ["jetson", "train_ssd", ...jetson, "--epochs=1", "--use-cuda", `--model-dir=${at("jetson")}`],
])("%s computes on the device that is found", async (...argv) => {
  const before = hostReads();
  const { code, stdout, stderr } = await runHere(...argv);
  expect([code, stderr]).toEqual([0, expect.not.stringContaining("the device is the CPU")]);
  expect(stdout).toMatch(/^device: privateuseone:0$/m);
  expect(hostReads()).toBeGreaterThan(before);
});
