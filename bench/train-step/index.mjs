/** One training step of ssdlite320, ours and torchvision's in turn: same shapes, same kind of input, same threads, same machine. */
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { findPeer } from "../peer.mjs";

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
  const option = (name, value) => Number(args[args.indexOf(`--${name}`) + 1] ?? value) || value;
  const job = {
    batch: option("batch", 16),
    threads: option("threads", availableParallelism()),
    warmup: 2,
    steps: option("steps", 4),
    classes: 91,
    height: 375,
    width: 500,
    boxes: 7,
  };
  const rounds = option("rounds", 3);
  const peer = findPeer(["torchvision"]);
  const results = rows.map((row) => ({ ...row, times: [], failed: undefined, version: "" }));
  for (let round = 0; round < rounds; round++) for (const result of results) measure(result, job, peer);
  print(results, job, rounds);
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

function print(results, { batch, threads, height, width }, rounds) {
  console.log(
    `\nOne training step of ssdlite320: ${batch} pictures of ${width} × ${height}, ${threads} threads, ${rounds} rounds in turn; ms a step`,
  );
  console.table(
    results.map(({ name, version, times, failed }) => ({
      what: name,
      libtorch: version,
      best: failed ? "fails" : Math.round(Math.min(...times)),
      median: failed ? failed.slice(0, 60) : Math.round(median(times)),
    })),
  );
  const of = (group, figure) => Math.min(...results.filter((r) => r.group === group && !r.failed).map(({ times }) => figure(times)));
  const best = (times) => Math.min(...times);
  for (const [group, name] of [
    ["script", "the peer as its script runs it"],
    ["installed", "the peer at its best as installed"],
    ["allocator", "the peer at its best with our allocator setting"],
  ]) {
    const ratio = (figure) => (of(group, figure) / of("ours", figure)).toFixed(2);
    console.log(`ours is ${ratio(median)}× ${name} (medians; best steps ${ratio(best)}×)`);
  }
}
