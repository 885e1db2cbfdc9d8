/** From picture files to batches, ours and torchvision's reference pipeline in turn: same photographs, augmentation, workers, machine. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { numberOption } from "../options.mjs";
import { findPeer } from "../peer.mjs";
import { annotated, enlarged } from "./photographs.mjs";

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

export async function run(args) {
  const option = (name, value) => numberOption(args, name, value);
  const rounds = option("rounds", 3);
  const megapixels = option("megapixels", 0);
  const augmentation = args.includes("--ssdlite") ? "ssdlite" : "ssd";
  const peer = findPeer(["torch", "torchvision.transforms.v2"]);
  const folder = mkdtempSync(join(tmpdir(), "loader-"));
  try {
    const some = (await annotated()).slice(0, option("images", megapixels ? 48 : 205));
    const pictures = megapixels ? await enlarged(some, megapixels, folder) : some;
    const job = { pictures, augmentation, workers: option("workers", 2), batch: option("batch", 16), epochs: option("epochs", 2) };
    const rows = [
      { name: "ours, resized to 300 x 300", command: process.execPath, file: "ours.mjs" },
      { name: "torchvision (PIL), not resized yet", command: peer, file: "peer.py" },
    ].map((row) => ({ ...row, answers: [] }));
    for (let round = 0; round < rounds; round++) {
      for (const { command, file, answers } of rows) answers.push(answer(command, here(file), job));
    }
    print(rows, job, rounds);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a program prints as its last line. The job goes in by standard input: it is longer than a command line may be. */
function answer(command, file, job) {
  const { status, stdout, stderr } = spawnSync(command, [file], { encoding: "utf8", input: JSON.stringify(job), maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${file} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1));
}

function print(rows, { pictures, augmentation, workers, epochs }, rounds) {
  const least = ({ answers }, what) => Math.min(...answers.map((one) => one[what]));
  const count = pictures.length * epochs;
  const perCore = (row) => count / least(row, "cpuSeconds");
  const [{ width, height }] = pictures;
  console.log(
    `${pictures.length} photographs of ${width} x ${height}, augmentation ${augmentation}, ${workers} workers, best of ${rounds} rounds of ${epochs} epochs in turn, a warm-up epoch before`,
  );
  console.table(
    rows.map((row) => ({
      what: row.name,
      "images/s": (count / least(row, "seconds")).toFixed(1),
      "images/s per core": perCore(row).toFixed(1),
      "CPU ms an image": (1000 / perCore(row)).toFixed(1),
      "peak memory, MB": (Math.max(...row.answers.map(({ peakBytes }) => peakBytes)) / 2 ** 20).toFixed(0),
    })),
  );
  console.log(`per core, ours is ${(perCore(rows[0]) / perCore(rows[1])).toFixed(2)}x the reference pipeline`);
}
