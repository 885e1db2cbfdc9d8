#!/usr/bin/env node
// It stands here and not in dist/: npm links a package's commands when it installs, before anything is compiled.
import { existsSync } from "node:fs";

const main = new URL("../dist/main.js", import.meta.url);
if (existsSync(main)) await import(main.href);
else {
  console.error("singleshot is not compiled yet. Run `npm run setup`.");
  process.exitCode = 2;
}
