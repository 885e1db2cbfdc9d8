import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { fuzzCount } from "@singleshot/testing";
import { expect, test } from "vitest";
import { dangers } from "./testing/dangers.js";

/** Runs one of this package's test programs; a signal is what must not be. */
function run(program: string, ...args: string[]) {
  const file = fileURLToPath(new URL(`testing/${program}.js`, import.meta.url));
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", file, ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  return { ended: signal ?? status, lastLine: stdout.trimEnd().split("\n").at(-1), stderr };
}

test.each(Object.entries(dangers))("%s: an error or a right result, never a crash", (name, { answer }) => {
  const { ended, lastLine, stderr } = run("dangers", name);
  expect({ ended, lastLine }, stderr).toEqual({ ended: 0, lastLine: JSON.stringify(answer) });
});

test("every operator with arguments drawn at random returns or throws", { timeout: 900_000 }, () => {
  const { ended, lastLine, stderr } = run("fuzz-operators", process.env.FUZZ_SEED ?? "1", String(fuzzCount(3)));
  expect({ ended, lastLine }, stderr).toEqual({ ended: 0, lastLine: "done, 0 tensors alive" });
});
