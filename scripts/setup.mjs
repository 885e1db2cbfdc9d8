#!/usr/bin/env node
// Makes a checkout ready: npm packages, libtorch, the addon, the compiled TypeScript. Needs Node alone; does only what is missing.
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { slowBlas } from "./setup/apt.mjs";
import { buildAddon, compileTypeScript } from "./setup/build.mjs";
import { installNodeModules } from "./setup/node-modules.mjs";
import { provideLibtorch } from "./setup/provide.mjs";
import { duration, NeedsYou, run, say } from "./setup/say.mjs";
import { selfCheck } from "./setup/self-check.mjs";

const HELP = `node scripts/setup.mjs [--libtorch=pip] [--check]

Installs the npm packages, finds libtorch or installs it, builds the addon, compiles the TypeScript, checks the result.
libtorch is looked for in $LIBTORCH, .libtorch/, the active Python's torch and the system, in this order.

  --libtorch=pip   take PyTorch's official CPU wheel, unpacked into .libtorch/
  --check          run the self-check even if nothing has changed`;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const log = join(root, "packages", "torch", "build", "setup.log");

try {
  const { values } = parseArgs({ options: { libtorch: { type: "string" }, check: { type: "boolean" }, help: { type: "boolean" } } });
  if (values.help) console.log(HELP);
  else await setUp(values);
} catch (error) {
  const isTheirs = error instanceof NeedsYou || error.code?.startsWith("ERR_PARSE_ARGS");
  console.error(`\n${isTheirs ? "" : "Set-up failed. "}${error.message}`);
  process.exitCode = isTheirs ? 2 : 1;
}

async function setUp({ libtorch: wanted, check = false }) {
  const start = Date.now();
  rmSync(log, { force: true });
  if (wanted && wanted !== "pip")
    throw new NeedsYou(`--libtorch=${wanted}: the one value known is "pip". To use a folder, set LIBTORCH to it.`);
  const hasNewPackages = await installNodeModules(root, { log });
  const libtorch = await provideLibtorch(root, { wheel: wanted === "pip", log });
  const hasNewAddon = await buildAddon(root, libtorch, { log });
  const hasNewCode = await compileTypeScript(root, { log });
  await run("page", [process.execPath, join("scripts", "bundle-page.mjs")], { cwd: root, log });
  const changed = hasNewPackages || libtorch.installed || hasNewAddon || hasNewCode;
  selfCheck(root, { always: changed || check });
  const slow = slowBlas(libtorch);
  if (slow) say("warning", slow);
  say(
    "set-up",
    `${changed ? "ready" : "nothing to do"}: libtorch ${libtorch.version}, ${libtorch.source} (${duration(Date.now() - start)})`,
  );
}
