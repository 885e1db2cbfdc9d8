#!/usr/bin/env node
// From a fresh checkout to a trained detector: set-up, training on the photographs in examples/bccd, evaluation, pictures.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { duration } from "./setup/say.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const DATA = join("examples", "bccd");
const PICTURES = ["BloodImage_00068", "BloodImage_00031", "BloodImage_00136", "BloodImage_00296"]; // of the test split
const INTERRUPTED = 130;

process.chdir(root);
process.on("SIGINT", () => {}); // the command that runs gets it too, saves and ends; then we end with its code

const start = Date.now();
await step(process.execPath, [join("scripts", "setup.mjs")]);
const { run, args } = chooseRun();
const trainingStart = Date.now();
await singleshot("train", ...args);
const trainingMs = Date.now() - trainingStart;
const evaluation = join(run, "evaluation.json");
await singleshot("eval", run, "--data", DATA, "--split", "test", "--protocol", "coco", "--json", evaluation);
const pictures = join(run, "pictures");
await singleshot("predict", run, ...PICTURES.map((name) => join(DATA, "JPEGImages", `${name}.jpg`)), "--out", pictures);
summarize({ run, pictures, trainingMs, result: JSON.parse(readFileSync(evaluation, "utf8")) });

/** An interrupted run goes on; a finished one is left alone and the next gets a number. */
function chooseRun() {
  for (let number = 1; ; number++) {
    const run = join("runs", number === 1 ? "quickstart" : `quickstart-${number}`);
    if (!existsSync(join(run, "config.json"))) return { run, args: ["--recipe", "quickstart", "--data", DATA, "--out", run] };
    if (!existsSync(join(run, "evaluation.json"))) return { run, args: ["--resume", run] };
  }
}

async function singleshot(...args) {
  console.log(`\n$ npx singleshot ${args.join(" ")}\n`);
  await step(join("node_modules", ".bin", "singleshot"), args);
}

/** Runs a command in the open; where it fails, the quickstart ends with its exit code. */
async function step(command, args) {
  const child = spawn(command, args, { stdio: "inherit" });
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? INTERRUPTED));
  });
  if (code === INTERRUPTED) console.error("\nInterrupted. `npm run quickstart` goes on from where it stopped.");
  if (code !== 0) process.exit(code);
}

function summarize({ run, pictures, trainingMs, result }) {
  const percent = (ap) => (ap === null ? "nothing to find" : `${(100 * ap).toFixed(1)} %`).padStart(8);
  const rows = [
    ["mAP (IoU 0.50 to 0.95)", result.map],
    ["AP50", result.ap50],
    ...result.classes.map(({ name, ap50 }) => [`  ${name}`, ap50]),
  ];
  console.log(`
A detector, trained in ${duration(trainingMs)} (everything together: ${duration(Date.now() - start)}).

On ${result.images} photographs it had never seen:
${rows.map(([name, ap]) => `  ${name.padEnd(24)}${percent(ap)}`).join("\n")}

Its answers, drawn: open ${relative(".", join(pictures, `${PICTURES[0]}.jpg`))}

What it gets right and wrong, as a page: open ${relative(".", join(run, "report.html"))}

What next:
  npx singleshot train --recipe ssdlite320-small --data PATH     train on your own photographs
  npx singleshot predict ${run} PICTURE --out DIR    find cells in other pictures
  npx singleshot --help                                          all commands`);
}
