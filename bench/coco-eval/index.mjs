/** COCO's evaluation of a set as large as val2017, ours and pycocotools in turn, as whole processes: start, loading, evaluation. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { numberOption } from "../options.mjs";
import { findPeer } from "../peer.mjs";
import { generate } from "./generate.mjs";

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

export function run(args) {
  const option = (name, value) => numberOption(args, name, value);
  const size = { images: option("images", 5000), boxes: option("boxes", 36_000), detections: option("detections", 700_000) };
  const rounds = option("rounds", 3);
  const peer = findPeer(["pycocotools"]);
  const folder = mkdtempSync(join(tmpdir(), "coco-eval-"));
  try {
    const files = generate(folder, { ...size, seed: option("seed", 1) });
    const results = Array.from({ length: rounds }, () => ({ ours: ours(files, folder), theirs: theirs(peer, files) }));
    print(results, size, rounds);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function ours({ annotations, detections }, folder) {
  const json = join(folder, "ours.json");
  const program = here("../../packages/cli/bin/singleshot.mjs");
  const command = ["eval", "--detections", detections, "--annotations", annotations, "--json", json];
  const { seconds, stderr } = timed(process.execPath, ["--import", here("usage.mjs"), program, ...command]);
  return { seconds, ...lastLine(stderr), coco: JSON.parse(readFileSync(json, "utf8")).coco };
}

function theirs(peer, { annotations, detections }) {
  const { seconds, stdout } = timed(peer, [here("peer.py"), annotations, detections]);
  return { seconds, ...lastLine(stdout) };
}

const lastLine = (text) => JSON.parse(text.trim().split("\n").at(-1));

function timed(command, args) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}: ${stderr}`);
  return { seconds: (performance.now() - start) / 1000, stdout, stderr };
}

function print(results, { images, boxes, detections }, rounds) {
  const best = (who, what) => Math.min(...results.map((result) => result[who][what]));
  const row = (who) => ({
    "seconds, best": best(who, "seconds").toFixed(1),
    "of CPU, all threads": best(who, "cpuSeconds").toFixed(1),
    "peak memory, MB": Math.round(best(who, "peakKilobytes") / 1024),
  });
  const ratio = (what) => (best("theirs", what) / best("ours", what)).toFixed(1);
  const [pictures, objects, found] = [images, boxes, detections].map((number) => number.toLocaleString("en-US"));
  console.log(
    `COCO's evaluation of ${pictures} pictures, ${objects} boxes, ${found} detections; whole processes, ${rounds} rounds in turn`,
  );
  console.table({ ours: row("ours"), pycocotools: row("theirs") });
  console.log(
    `ours is ${ratio("seconds")}× as fast, takes 1/${ratio("cpuSeconds")} of the CPU's time and 1/${ratio("peakKilobytes")} of the memory`,
  );
  const numbers = results.flatMap(({ ours, theirs }) => [ours.coco.map((number) => number ?? -1), theirs.coco]).map(String);
  const same = new Set(numbers).size === 1;
  console.log(`the twelve numbers ${same ? "are the same in every bit" : "DIFFER"}:\n${[...new Set(numbers)].join("\n")}`);
  if (!same) process.exitCode = 1;
}
