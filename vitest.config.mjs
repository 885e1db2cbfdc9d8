import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/dist/**/*.test.js", "scripts/**/*.test.mjs"],
    pool: "forks", // one process a file: each loads its own libtorch, and a crash is one file's failure
    testTimeout: 60_000,
  },
});
