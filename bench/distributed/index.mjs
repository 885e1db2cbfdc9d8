/**
 * A training step in two processes of one thread each against one process of one thread with half the batch: what the sums of the
 * gradients cost, sent while backward computes and behind it; torchvision's detector under PyTorch's DistributedDataParallel beside it.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { freePort } from "@singleshot/torch/testing";
import { numberOption } from "../options.mjs";
import { findPeer } from "../peer.mjs";

const NETS = {
  ssdlite320: { peer: "ssdlite320_mobilenet_v3_large", side: 320, batch: 12 },
  "ssd300-vgg16": { peer: "ssd300_vgg16", side: 300, batch: 4 },
};
const ROWS = [
  { name: "ours, one process", group: "ours", processes: 1 },
  { name: "ours, two that know nothing of each other", group: "ours", processes: 2, apart: true },
  { name: "ours, two, sums while backward computes", group: "ours", processes: 2, overlap: true },
  { name: "ours, two, sums behind backward", group: "ours", processes: 2, overlap: false },
  { name: "PyTorch, one process", group: "peer", processes: 1 },
  { name: "PyTorch, two that know nothing of each other", group: "peer", processes: 2, apart: true },
  { name: "PyTorch, two, DistributedDataParallel", group: "peer", processes: 2, overlap: true },
];

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

export async function run(args) {
  const option = (name, value) => numberOption(args, name, value);
  const net = args.includes("--net") ? args[args.indexOf("--net") + 1] : "ssdlite320";
  if (!Object.hasOwn(NETS, net)) {
    console.error(`bench: --net ${net}: one of ${Object.keys(NETS).join(", ")}`);
    process.exitCode = 2;
    return;
  }
  const job = { net, ...NETS[net], batch: option("batch", NETS[net].batch), threads: 1, warmup: 2, steps: option("steps", 6) };
  const rounds = option("rounds", 3);
  const peer = findPeer(["torch", "torchvision"]);
  const results = ROWS.map((row) => ({ ...row, times: [], reducing: [], waited: [] }));
  for (let round = 0; round < rounds; round++) for (const result of results) await measure(result, job, peer);
  print(results, job, rounds);
}

async function measure(result, job, peer) {
  const port = await freePort();
  const worldOf = (rank) => ({
    ...{ rank, size: result.processes, localRank: rank, localSize: result.processes, masterAddress: "127.0.0.1", masterPort: port },
    launcher: "bench",
  });
  const world = (rank) => (result.processes > 1 && !result.apart ? { world: worldOf(rank) } : {});
  const jobOf = (rank) => JSON.stringify({ ...job, overlap: result.overlap ?? true, ...world(rank) });
  const script = (name) => fileURLToPath(new URL(name, import.meta.url));
  const command = result.group === "ours" ? [process.execPath, script("rank.mjs")] : [peer, script("peer.py")];
  const ranks = Array.from({ length: result.processes }, (_, rank) => printed([...command, jobOf(rank)]));
  for (const { version, times, reducingMs, waitedMs, buckets, parameters } of await Promise.all(ranks)) {
    result.times.push(...times);
    if (reducingMs !== undefined) result.reducing.push(reducingMs);
    if (waitedMs !== undefined) result.waited.push(waitedMs);
    Object.assign(result, { version, buckets, parameters });
  }
}

function printed([program, ...args]) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, OMP_NUM_THREADS: "1" } });
    let text = "";
    child.stdout.on("data", (data) => {
      text += data;
    });
    child.on("close", (code) => (code === 0 ? resolve(JSON.parse(text)) : reject(new Error(`${program} ended with exit code ${code}`))));
  });
}

function print(results, { net, batch, steps }, rounds) {
  const [own] = results;
  console.log(
    `${net}, ${batch} pictures a process, one thread each, float32; ${rounds} rounds of ${steps} steps in turn; libtorch ${own.version}, PyTorch ${results.at(-1).version}`,
  );
  console.log(`${(own.parameters / 1e6).toFixed(1)} million parameters, ${results[2].buckets} buckets\n`);
  const base = Object.fromEntries(results.filter(({ processes }) => processes === 1).map(({ group, times }) => [group, median(times)]));
  const apart = Object.fromEntries(results.filter((one) => one.apart).map(({ group, times }) => [group, median(times)]));
  console.table(
    results.map(({ name, group, times, reducing, waited, apart: isApart, processes }) => {
      const step = median(times);
      const share = (ms) => `${((100 * ms) / step).toFixed(1)} %`;
      const over = (other) => `${(100 * (step / other - 1)).toFixed(1)} %`;
      const together = processes > 1 && !isApart;
      return {
        "": name,
        "step, ms": Math.round(step),
        "over one process": processes > 1 ? over(base[group]) : "",
        "over two apart": together ? over(apart[group]) : "",
        ...(together && group === "ours" && { "sums under way": share(median(reducing)), "waited for": share(median(waited)) }),
      };
    }),
  );
}
