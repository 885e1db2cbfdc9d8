import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { singleshot, start, temporaryFolder, tinyRecipe, writeTinyData } from "./testing/index.js";

const cwd = temporaryFolder();
const train = (out: string, ...more: string[]) => [
  ...["train", "--recipe", "tiny.json", "--data", "photos", "--no-report", "--out", out],
  ...more,
];

beforeAll(async () => {
  await writeTinyData(join(cwd, "photos"));
  writeFileSync(join(cwd, "tiny.json"), JSON.stringify({ ...tinyRecipe, evaluation: { everyEpochs: 1000 } }));
});

describe("a run directory", { timeout: 120_000 }, () => {
  test("is one process's: another is refused with the first one's number, and neither harms the other; removed under the run, it ends with one message", async () => {
    const { child, ended, says } = start(train("taken", "--epochs", "1000"), { cwd });
    await says("epoch 1/1000");
    const second = await singleshot(train("taken"), { cwd });
    expect(second).toMatchObject({ code: 2, stdout: expect.not.stringContaining("epoch") });
    expect(second.stderr).toBe(`taken: process ${child.pid} is training into this folder. Wait for it, stop it, or name another --out.\n`);
    expect(await singleshot(["train", "--resume", "taken"], { cwd })).toMatchObject({ code: 2, stderr: second.stderr });

    rmSync(join(cwd, "taken"), { recursive: true, force: true, maxRetries: 20 });
    const { code, stderr } = await ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(/^taken\S*: the (run directory is gone|folder does not exist)\. .+\.\n$/);
  });

  test("may have a name of 250 letters with spaces, and the clock may be set back", async () => {
    const name = "my best run ".repeat(21).slice(0, 250);
    const flags = ["--import", new URL("./testing/clock-set-back.js", import.meta.url).href];
    expect(await singleshot(train(name), { cwd, flags })).toMatchObject({ code: 0, stderr: "" });
    expect(await singleshot(["train", "--resume", name, "--epochs", "3", "--no-report"], { cwd })).toMatchObject({ code: 0 });
    expect(existsSync(join(cwd, name, "checkpoints", "last.pth"))).toBe(true);
  });
});
