#!/usr/bin/env node
// Damaged files of every format that is read, each kind in a process of its own that is started again when it dies.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { countsOf, runTarget } from "./fuzz/run.mjs";
import { allTargets } from "./fuzz/targets.mjs";

const HELP = `npm run fuzz -- [--format .jpg,.png] [--share X] [--seed N] [--json FILE]

Reads damaged files of every format as the product does: bits flipped, bytes cut, repeated, moved, numbers made extreme. Each must be read
or refused with one message; none may end the process, take two seconds or 500 MB, or show a stack. A trial is determined by the seed and
its number. Ends with 1 if any ended as it must not.

  --format LIST   only these endings
  --share X       that part of the full numbers; 1 by default, --share 0.04 is about what runs at every change
  --seed N        other damage; 1 by default
  --json FILE     the table as JSON

Examples:
  npm run fuzz -- --format .jpg,.png
  npm run fuzz -- --share 0.01 --seed 7`;

const options = { format: { type: "string" }, share: { type: "string" }, seed: { type: "string" }, json: { type: "string" } };

async function main({ format, share = "1", seed = "1", json }) {
  const [part, number] = [Number(share), Number(seed)];
  if (!(part > 0)) throw new RangeError(`--share ${share}: not a number above 0`);
  if (!Number.isSafeInteger(number)) throw new RangeError(`--seed ${seed}: not a whole number`);
  const folder = mkdtempSync(join(tmpdir(), "fuzz-"));
  try {
    const targets = await allTargets(folder);
    const wanted = format?.split(",").map((ending) => `.${ending.replace(/^\./, "")}`);
    const unknown = wanted?.find((ending) => !targets.some((target) => target.format === ending));
    if (unknown) throw new RangeError(`--format ${unknown}: one of ${[...new Set(targets.map((target) => target.format))].join(", ")}`);
    const rows = [];
    for (const [index, target] of targets.entries()) {
      if (wanted && !wanted.includes(target.format)) continue;
      const row = await runTarget(target, { index, seed: number, trials: Math.ceil(part * target.full), folder });
      for (const failure of row.failures) console.error(`${target.format}, ${target.what}: ${failure}`);
      rows.push(row);
    }
    return await report(rows, json);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function report(rows, json) {
  console.table(rows.map(countsOf));
  if (json) await (await import("node:fs/promises")).writeFile(json, `${JSON.stringify(rows, null, 2)}\n`);
  return rows.every(({ failures }) => failures.length === 0) ? 0 : 1;
}

try {
  const { values } = parseArgs({ options: { ...options, help: { type: "boolean" } } });
  if (values.help) console.log(HELP);
  else process.exitCode = await main(values);
} catch (error) {
  if (!(error instanceof RangeError) && !error.code?.startsWith("ERR_PARSE_ARGS")) throw error;
  console.error(`fuzz: ${error.message}\n\n${HELP}`);
  process.exitCode = 2;
}
