/** One training step, ours and torchvision's in turn: same shapes, same kind of input, same threads, same machine. */
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { numberOption } from "../options.mjs";
import { findPeer } from "../peer.mjs";
import { nets } from "./nets.mjs";

const allocator = { MALLOC_MMAP_MAX_: "0", MALLOC_TRIM_THRESHOLD_: "-1", MALLOC_TOP_PAD_: String(64 << 20) };

/** `env` is what a peer is started with; ours sets its allocator by itself. */
const rows = [
  { name: "peer, as its script runs it (NCHW, float32)", group: "script", peer: true, channelsLast: false, bf16: false },
  { name: "peer, channels-last, float32", group: "installed", peer: true, channelsLast: true, bf16: false },
  { name: "peer, channels-last, bfloat16", group: "installed", peer: true, channelsLast: true, bf16: true },
  {
    name: "peer, channels-last, float32, our allocator setting",
    group: "allocator",
    peer: true,
    channelsLast: true,
    bf16: false,
    env: allocator,
  },
  {
    name: "peer, channels-last, bfloat16, our allocator setting",
    group: "allocator",
    peer: true,
    channelsLast: true,
    bf16: true,
    env: allocator,
  },
  { name: "ours, float32", group: "ours", bf16: false },
  { name: "ours, bfloat16", group: "ours", bf16: true },
];

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

export function run(args) {
  const option = (name, value) => numberOption(args, name, value);
  const chosen = netsOf(args);
  const rounds = option("rounds", 3);
  const peer = findPeer(["torch", "torchvision"]);
  const ratios = chosen.map((net) => {
    const job = {
      ...net,
      batch: option("batch", net.batch),
      threads: option("threads", availableParallelism()),
      device: args.includes("--device") ? args[args.indexOf("--device") + 1] : "cpu",
      warmup: 2,
      steps: option("steps", 4),
      classes: 91,
      height: 375,
      width: 500,
      boxes: 7,
    };
    const results = rows.map((row) => ({ ...row, times: [], failed: undefined, version: "" }));
    for (let round = 0; round < rounds; round++) for (const result of results) measure(result, job, peer);
    return print(results, job, rounds);
  });
  if (ratios.length > 1) console.table(ratios);
}

/** `--net NAME`, `--all`, or the first. */
function netsOf(args) {
  if (args.includes("--all")) return nets;
  if (!args.includes("--net")) return nets.slice(0, 1);
  const name = args[args.indexOf("--net") + 1];
  const found = nets.filter((net) => net.name === name);
  if (found.length > 0) return found;
  console.error(`--net: no such network: ${name}. There are ${nets.map((net) => net.name).join(", ")}.`);
  process.exit(2);
}

function measure(result, job, peer) {
  if (result.failed) return;
  const program = result.peer
    ? [peer, fileURLToPath(new URL("peer.py", import.meta.url))]
    : [process.execPath, fileURLToPath(new URL("ours.mjs", import.meta.url))];
  const { channelsLast, bf16, env } = result;
  const child = spawnSync(program[0], [program[1], JSON.stringify({ ...job, channelsLast, bf16 })], {
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  if (child.status !== 0) {
    result.failed = child.stderr.trim().split("\n").at(-1);
    return;
  }
  const { times, version } = JSON.parse(child.stdout.trim().split("\n").at(-1));
  result.times.push(...times);
  result.version = version;
  process.stderr.write(`${result.name}: ${times.map(Math.round).join(" ")} ms\n`);
}

function print(results, { name, batch, threads, device, height, width, classifier }, rounds) {
  const picture = classifier ? "224 × 224" : `${width} × ${height}`;
  console.log(
    `\nOne training step of ${name}: ${batch} pictures of ${picture}, ${device === "cpu" ? `${threads} threads` : device}, ${rounds} rounds in turn; ms a step`,
  );
  console.table(
    results.map(({ name: what, version, times, failed }) => ({
      what,
      libtorch: version,
      best: failed ? "fails" : Math.round(Math.min(...times)),
      median: failed ? failed.slice(0, 60) : Math.round(median(times)),
    })),
  );
  const of = (group, figure) => Math.min(...results.filter((r) => r.group === group && !r.failed).map(({ times }) => figure(times)));
  const best = (times) => Math.min(...times);
  const ratio = (group, figure) => (of(group, figure) / of("ours", figure)).toFixed(2);
  const line = { net: name };
  for (const [group, says] of [
    ["script", "the peer as its script runs it"],
    ["installed", "the peer at its best as installed"],
    ["allocator", "the peer at its best with our allocator setting"],
  ]) {
    console.log(`ours is ${ratio(group, median)}× ${says} (medians; best steps ${ratio(group, best)}×)`);
    line[`× ${says.replace("the peer ", "")}`] = `${ratio(group, median)} (${ratio(group, best)})`;
  }
  return line;
}
