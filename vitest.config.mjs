import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** The compiled tests, by their sources: what was compiled once and has no source any more is not run. */
const compiledTests = readdirSync("packages").flatMap((name) =>
  readdirSync(`packages/${name}/src`, { recursive: true })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => `packages/${name}/dist/${file.replace(/\.ts$/, ".js")}`),
);

export default defineConfig({
  test: {
    include: [...compiledTests, "scripts/**/*.test.mjs"],
    pool: "forks", // one process a file: each loads its own libtorch, and a crash is one file's failure
    maxWorkers: availableParallelism(), // vitest would leave a core idle: on two cores the files would wait for each other
    env: {
      OMP_NUM_THREADS: "1", // the files run side by side: one thread each is fastest
      TERM: "xterm", // whatever the terminal that the tests were started from
    },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
