/** `singleshot serve` with each engine in turn: pictures a second and waiting times, from one client to many. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { numberOption } from "../options.mjs";
import { photographs } from "../predict/photographs.mjs";
import { clients } from "./clients.mjs";

const PROGRAM = fileURLToPath(new URL("../../packages/cli/bin/singleshot.mjs", import.meta.url));
const MODEL = fileURLToPath(new URL("../predict/model.mjs", import.meta.url));
const ENGINES = ["libtorch", "onnxruntime"];
const CLIENTS = [1, 8, 32];

export async function run(args) {
  const [seconds, rounds] = [numberOption(args, "seconds", 10), numberOption(args, "rounds", 2)];
  const threads = numberOption(args, "threads", availableParallelism());
  const pictures = photographs()
    .slice(0, 32)
    .map((file) => readFileSync(file));
  const folder = mkdtempSync(join(tmpdir(), "serve-"));
  try {
    const named = args.includes("--model") ? args[args.indexOf("--model") + 1] : undefined;
    const model = named ?? freshModel(folder);
    const rows = ENGINES.flatMap((engine) => CLIENTS.map((count) => ({ engine, count, results: [] })));
    for (let round = 0; round < rounds; round++) {
      for (const engine of ENGINES)
        await measure(
          rows.filter((row) => row.engine === engine),
          { model, engine, threads, pictures, seconds },
        );
    }
    print(rows, { model: named ?? "ssdlite320", seconds, rounds, threads });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function freshModel(folder) {
  const model = join(folder, "model.pth");
  const { status, stderr } = spawnSync(process.execPath, [MODEL, model], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return model;
}

async function measure(rows, { model, engine, threads, pictures, seconds }) {
  const server = spawn(process.execPath, [PROGRAM, "serve", model, "--port", "0", "--engine", engine, "--threads", threads]);
  try {
    const url = await addressOf(server);
    await clients(url, pictures, 8, 2);
    for (const { count, results } of rows) results.push(await clients(url, pictures, count, seconds));
  } finally {
    server.kill("SIGTERM");
  }
}

function addressOf(server) {
  return new Promise((resolve, reject) => {
    let said = "";
    const hear = (bytes) => {
      said += bytes;
      const found = /Serving on (\S+)/.exec(said);
      if (found) resolve(found[1]);
    };
    server.stdout.on("data", hear);
    server.stderr.on("data", hear);
    server.on("exit", () => reject(new Error(said)));
  });
}

function print(rows, { model, seconds, rounds, threads }) {
  console.log(`${model}, photographs of 640 × 480 over HTTP, ${threads} threads, best of ${rounds} rounds of ${seconds} s in turn`);
  console.table(
    rows.map(({ engine, count, results }) => {
      const best = results.reduce((a, b) => (b.perSecond > a.perSecond ? b : a));
      const [perSecond, median, p99] = [best.perSecond.toFixed(1), best.medianMs.toFixed(0), best.p99Ms.toFixed(0)];
      return { engine, clients: count, "pictures a second": perSecond, "median ms": median, "p99 ms": p99, refused: best.refused };
    }),
  );
}
