// Kills, stops and starves real training runs and compares what they come to, bit by bit, with runs that nobody disturbed.
//   npm run chaos                       300 kills, those of 50 runs that are extended by an epoch among them, 100 requests to stop, 100 full disks,
//                                       50 processes killed that train together with another
//   npm run chaos -- --kills 12 --extended 2 --stops 4 --disks 6 --ranks 3 --seed 7 --jobs 2
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  chain,
  diskLimits,
  diskTrial,
  drawOf,
  launchWords,
  rankTrial,
  stopTrial,
  undisturbed,
} from "../packages/cli/dist/testing/chaos/index.js";

const number = (value) => ({ type: "string", default: String(value) });
const { values } = parseArgs({
  options: {
    kills: number(300),
    extended: number(50),
    stops: number(100),
    disks: number(100),
    ranks: number(50),
    seed: number(1),
    jobs: number(2),
    nets: { type: "string" },
  },
});
const { kills, extended, stops, disks, ranks, seed, jobs } = Object.fromEntries(
  Object.entries(values).map(([key, value]) => [key, Number(value)]),
);

const cwd = mkdtempSync(join(tmpdir(), "singleshot-chaos-"));
const nets = values.nets?.split(",") ?? ["ssdlite", "ssd", "retinanet"];
const SHARES = { ssdlite: 0.45, ssd: 0.4, retinanet: 0.15 }; // the largest network takes the longest
const wholes = new Map();
for (const net of nets) {
  wholes.set(net, await undisturbed(cwd, net));
  console.log(`${net}: an undisturbed run takes ${(wholes.get(net).durationMs / 1000).toFixed(1)} s`);
}

/** A network at random, by the shares. */
function netOf(draw) {
  const weighted = nets.flatMap((net) => Array(Math.round(100 * (SHARES[net] ?? 1))).fill(net));
  return weighted[Math.floor(draw() * weighted.length)];
}

let trial = 0;
let failures = 0;
/** Runs trials side by side until there are enough. */
async function many(title, enough, body) {
  const results = [];
  const worker = async () => {
    while (!enough(results)) {
      const name = `trial-${++trial}`;
      const draw = drawOf(seed, trial);
      const net = netOf(draw);
      const result = { net, name, ...(await body(wholes.get(net), name, draw)) };
      results.push(result);
      const wrong = result.differs ?? result.wrong;
      if (wrong.length > 0) {
        failures++;
        console.log(`${title}, ${net}, ${cwd}/${name}: ${wrong.join("; ")}`);
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return results;
}
const sum = (results, key) => results.reduce((total, result) => total + result[key], 0);
const most = (results, key) => Math.max(0, ...results.map((result) => result[key]));
const count = (results, test) => results.filter(test).length;

const chains = await many(
  "killed and extended",
  (results) => results.length >= extended,
  (whole, name, draw) => chain(cwd, whole, name, draw, { kills: 1 + Math.floor(5 * draw()), extended: true }),
);
const rest = kills - sum(chains, "kills");
const plain = await many(
  "killed",
  (results) => sum(results, "kills") >= rest,
  (whole, name, draw) => chain(cwd, whole, name, draw, { kills: 2 + Math.floor(3 * draw()) }),
);
const killed = [...chains, ...plain];
const equal = count(killed, ({ differs }) => differs.length === 0);
console.log(
  `${sum(killed, "kills")} kills in ${killed.length} runs, ${chains.length} of them extended (${sum(killed, "inWrites")} kills inside a checkpoint's writing, ${sum(killed, "inEvaluations")} around an evaluation): ${equal} of ${killed.length} runs equal; at most ${most(killed, "lostSteps")} steps lost by one kill (saved every 3)`,
);
for (const net of nets)
  console.log(
    `  ${net}: ${sum(
      killed.filter((result) => result.net === net),
      "kills",
    )} kills`,
  );

const asked = await many(
  "stopped",
  (results) => results.length >= stops,
  (whole, name, draw) => stopTrial(cwd, whole, name, draw, { twice: draw() < 0.25 }),
);
const codes = [...new Set(asked.map(({ code }) => code))].sort();
console.log(
  `${asked.length} requests to stop: exit codes ${codes.join(", ")}, the slowest took ${(most(asked, "tookMs") / 1000).toFixed(1)} s, ${count(asked, ({ differs }) => differs.length === 0)} went on to the same numbers`,
);

const limits = diskLimits(cwd);
const full =
  limits.length === 0
    ? []
    : await many(
        "full disk",
        (results) => results.length >= disks,
        (whole, name, draw) => diskTrial(cwd, whole, name, draw, limits[trial % limits.length]),
      );
console.log(
  `${full.length} disks too small (${limits.join(", ") || "none can be made here"}): ${count(full, ({ wrong }) => wrong.length === 0)} as promised, ${count(full, ({ escaped }) => escaped)} had room enough`,
);

const pair = ranks === 0 ? undefined : await undisturbed(cwd, "pair", { before: launchWords(2) });
const lost = await many(
  "rank killed",
  (results) => results.reduce((total, { killed }) => total + killed.length, 0) >= ranks,
  (_, name, draw) => rankTrial(cwd, pair, name, draw, { kills: 1 + Math.floor(4 * draw()) }),
);
const victims = lost.flatMap(({ killed }) => killed);
console.log(
  `${victims.length} kills of one of two processes (${count(victims, (rank) => rank === 0)} of rank 0) in ${lost.length} runs: ${count(lost, ({ wrong }) => wrong.length === 0)} as promised, the last process was gone after at most ${(most(lost, "goneMs") / 1000).toFixed(1)} s`,
);

if (failures === 0) rmSync(cwd, { recursive: true, force: true });
else process.exitCode = 1;
