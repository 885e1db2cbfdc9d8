import { expect, test } from "vitest";
import { libtorchConfiguration, libtorchMajor, libtorchVersion, setThreads, threads } from "./index.js";
import { selfCheck } from "./self-check.js";
import { runChild } from "./testing/index.js";

test("the version and its configuration are told", () => {
  expect(libtorchVersion()).toMatch(/^\d+\.\d+\.\d+/);
  expect(libtorchMajor()).toBe(Number.parseInt(libtorchVersion(), 10));
  expect(libtorchConfiguration()).toContain("PyTorch built with");
});

test("threads can be set", () => {
  const before = threads();
  setThreads(1);
  expect(threads()).toBe(1);
  setThreads(before);
});

test("OMP_NUM_THREADS is heeded, else all cores are used", async () => {
  const { stdout } = await runChild("console.log(torch.threads());", { env: { OMP_NUM_THREADS: "1" } });
  expect(stdout).toBe("1\n");
});

test("SINGLESHOT_ALLOCATOR=system leaves memory to the system", async () => {
  const { stdout } = await runChild("console.log(torch.keepsFreedMemory, torch.ops.ones([1 << 20]).sum().item());", {
    env: { SINGLESHOT_ALLOCATOR: "system" },
  });
  expect(stdout).toBe("false 1048576\n");
});

test("the self-check computes, and measures the matrix product", () => {
  const found = selfCheck();
  expect(found.version).toBe(libtorchVersion());
  expect(found.matmulGigaflops).toBeGreaterThan(0);
});

test("an addon that is not there is named", async () => {
  const { stderr } = await runChild("", { env: { SINGLESHOT_ADDON: "/nowhere/singleshot.node" } });
  expect(stderr).toContain("/nowhere/singleshot.node");
});
