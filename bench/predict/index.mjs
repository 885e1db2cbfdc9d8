/**
 * From picture files to detections with ssdlite320, ours on libtorch, onnxruntime and onnxruntime in 8 bits, and torchvision's, in turn:
 * same weights, pictures, batches and threads. With --model RUN a detector of blood cells instead, without torchvision, but with mAP.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { numberOption } from "../options.mjs";
import { findPeer } from "../peer.mjs";
import { photographs } from "./photographs.mjs";

const BCCD = fileURLToPath(new URL("../../examples/bccd", import.meta.url));
const here = (file) => fileURLToPath(new URL(file, import.meta.url));

export function run(args) {
  const option = (name, value) => numberOption(args, name, value);
  const [batch, rounds] = [option("batch", 8), option("rounds", 3)];
  const threads = option("threads", availableParallelism());
  const files = photographs().slice(0, option("images", 256));
  const trained = args.includes("--model") ? args[args.indexOf("--model") + 1] : undefined;
  const peer = trained ? undefined : findPeer(["torch", "torchvision"]);
  const folder = mkdtempSync(join(tmpdir(), "predict-"));
  try {
    const model = trained ?? join(folder, "model.pth");
    if (!trained) answer(process.execPath, [here("model.mjs"), model]);
    const job = { model, files, batch, threads, warmup: 2 * batch, folder, ...(trained && { data: BCCD }) };
    const rows = [
      { name: "ours", command: process.execPath, file: "ours.mjs" },
      { name: "ours, exported to onnxruntime", command: process.execPath, file: "exported.mjs", precision: "float32" },
      { name: "ours, exported in 8 bits", command: process.execPath, file: "exported.mjs", precision: "int8" },
      { name: "torchvision", command: peer, file: "peer.py", channelsLast: false },
      { name: "torchvision, channels-last", command: peer, file: "peer.py", channelsLast: true },
    ]
      .filter(({ command }) => command)
      .map((row) => ({ ...row, answers: [] }));
    for (let round = 0; round < rounds; round++) {
      for (const { command, file, channelsLast, precision, answers } of rows) {
        const measured = round === 0 ? job : { ...job, data: undefined };
        answers.push(JSON.parse(answer(command, [here(file), JSON.stringify({ ...measured, channelsLast, precision })])));
      }
    }
    print(rows, job, rounds);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The last line that a program prints. */
function answer(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${command} ${args[0]} ended with ${status}: ${stderr}`);
  return stdout.trim().split("\n").at(-1);
}

function print(rows, { files, batch, threads }, rounds) {
  const best = ({ answers }, what) => Math.min(...answers.map((answer) => answer[what]));
  const speed = (row) => files.length / best(row, "seconds");
  const [ours, ...peers] = rows;
  console.log(
    `${files.length} photographs of 640 × 480, decoding included; batches of ${batch}, ${threads} threads, best of ${rounds} rounds in turn`,
  );
  console.table(
    rows.map((row) => ({
      what: row.name,
      engine: row.answers[0].version,
      "pictures a second": speed(row).toFixed(1),
      "CPU ms a picture": ((1000 * best(row, "cpuSeconds")) / files.length).toFixed(1),
      "detections a picture": (row.answers[0].detections / files.length).toFixed(1),
    })),
  );
  for (const { name, answers } of peers) {
    const { scores } = answers[0];
    if (scores)
      console.log(`mAP on ${scores.pictures} pictures: ${scores.detector.toFixed(4)} on libtorch, ${scores.exported.toFixed(4)} ${name}`);
  }
  for (const peer of peers) console.log(`ours on libtorch is ${(speed(ours) / speed(peer)).toFixed(2)}× ${peer.name}`);
}
