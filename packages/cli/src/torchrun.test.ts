import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { start, temporaryFolder, tinyRecipe, writeTinyData } from "./testing/index.js";

const cwd = temporaryFolder();

/** Debian's, unless another is named. */
const python = process.env.SINGLESHOT_PYTHON ?? "/usr/bin/python3";
const findTorch = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)';
const hasTorch = spawnSync(python, ["-c", findTorch]).status === 0;

/** PyTorch 1.13's fails on Python 3.11 in its handling of these two; mappings for a rank that does not exist get it past that. */
const NEITHER = ["-r", "9:1", "-t", "9:1"];
const spellings = [
  ["--no_python", "--nproc_per_node", "2"],
  ["--no-python", "--nproc-per-node", "2"],
];

describe.skipIf(!hasTorch)(`PyTorch's own launcher${hasTorch ? "" : ` (skipped: ${python} has no torch)`}`, { timeout: 120_000 }, () => {
  test("starts a training of two processes", async () => {
    await writeTinyData(join(cwd, "parts"));
    writeFileSync(join(cwd, "tiny.json"), JSON.stringify({ ...tinyRecipe, schedule: { name: "constant", epochs: 1 } }));
    const words = ["train", "--recipe", "tiny.json", "--data", "parts", "--out", "run", "--workers", "0", "--no-report"];
    const run = async (spelling: string[]) => {
      const { child, ended } = start(words, { cwd, prefix: [python, "-m", "torch.distributed.run", ...spelling, ...NEITHER] });
      child.stdin.end();
      return ended;
    };
    const { code, stdout, stderr } = await run(spellings[0]!);
    expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^rank 0 of 2 \(torchrun\), master \S+:\d+, \d+ threads? each\n/);
    expect(stdout.match(/^Next:$/gm)).toHaveLength(1);
    expect(existsSync(join(cwd, "run/checkpoints/best.pth"))).toBe(true);
  });

  test("reads the spelling with dashes, or refuses it itself", async () => {
    const { child, ended } = start(["--version"], { cwd, prefix: [python, "-m", "torch.distributed.run", ...spellings[1]!, ...NEITHER] });
    child.stdin.end();
    const { code, stderr } = await ended;
    const isOld = stderr.includes("unrecognized arguments: --no-python");
    expect(code).toBe(isOld ? 2 : 0);
  });
});
