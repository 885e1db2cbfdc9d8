import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { runHere, temporaryFolder } from "../testing/index.js";

const home = temporaryFolder();
const folder = join(home, "hub", "checkpoints");
const NAME = "ResNet50_Weights.IMAGENET1K_V1";
const file = join(folder, "resnet50-0676ba61.pth");

let answer: (response: ServerResponse) => void;
let server: Server;
beforeAll(async () => {
  server = createServer((_, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => server.close());
const here = () => {
  vi.stubEnv("TORCH_HOME", home);
  vi.stubEnv("SINGLESHOT_WEIGHTS", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
};
afterEach(() => vi.unstubAllEnvs());

test("lists what is published, what it is for, and what is here", async () => {
  here();
  const { stdout, code } = await runHere("weights");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^SSD300_VGG16_Weights\.COCO_V1 +detector {2}not fetched$/m);
  expect(stdout).toMatch(/^VGG16_Weights\.IMAGENET1K_FEATURES +backbone {2}not fetched$/m);
});

describe("a download that was tampered with is refused, and nothing of it stays under the name", () => {
  const send = (body: string | Buffer) => (response: ServerResponse) => void response.end(body);
  const real = Buffer.from("the weights"); // no such content has the hash that is asked for
  const tampered: [how: string, answer: (response: ServerResponse) => void][] = [
    ["other bytes", send(real)],
    ["nothing", send("")],
    ["a page", send("<!doctype html><title>Sign in</title>")],
    ["a pointer instead of a file", send("version https://git-lfs.github.com/spec/v1\noid sha256:0676ba61\nsize 102530333\n")],
    ["its own hash", send("0676ba61")],
    ["one bit", send(Buffer.from(real.map((byte, i) => (i === 3 ? byte ^ 1 : byte))))],
    ["a cut end", send(real.subarray(0, 5))],
    ["another encoding", send(Buffer.from("the weights", "utf16le"))],
    ["what Python would run", send(Buffer.from("cposix\nsystem\n(S'touch pwned'\ntR."))],
    ["a refusal", (response) => void response.writeHead(403).end("no")],
  ];

  test.each(tampered)("%s", async (_, poisoned) => {
    here();
    answer = poisoned;
    const { code, stderr } = await runHere("weights", NAME);
    expect(code).toBe(2);
    expect(stderr).toMatch(/has another content than expected: its SHA-256 is [0-9a-f]{64}|the server answers 403/);
    expect(existsSync(file)).toBe(false);
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
  });
});

test("a name that is not published is refused with those that are", async () => {
  here();
  const { code, stderr } = await runHere("weights", "ResNet50_Weights.V9");
  expect(code).toBe(2);
  expect(stderr).toMatch(/^no published weights are named ResNet50_Weights\.V9\. One of SSD300_VGG16_Weights\.COCO_V1, /);
});

test("the tampered contents have other hashes", () => {
  expect(createHash("sha256").update("the weights").digest("hex").startsWith("0676ba61")).toBe(false);
});
