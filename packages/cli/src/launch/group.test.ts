import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../testing/index.js";
import { planGroup } from "./plan.js";

const folder = temporaryFolder();
const file = (name: string) => join(folder, name);
const url = (module: string) => JSON.stringify(new URL(module, import.meta.url));

/** What the members do, by the rank. */
const programs = {
  done: "",
  killed: "if (rank === 1) { await ready(2); process.kill(process.pid, 'SIGKILL'); } await ready(0); await asked();",
  fails:
    "if (rank === 1) { await ready(0); tellLauncher({ failed: 'no such picture\\nat all', lost: false }, () => {}); process.exitCode = 7; } else { await ready(1); await asked(); }",
  loses:
    "if (rank < 2) { await ready(2); tellLauncher({ failed: rank + ' waits in vain', lost: true }, () => {}); process.exit(1); } await ready(0); await sleep(100); process.exit(9);",
  stubborn: "if (rank === 1) process.exitCode = 3; else { process.on('SIGTERM', () => {}); await asked(); }",
  waits: "process.on('SIGTERM', () => process.exit(130)); await asked();",
  crashes: "process.on('SIGTERM', () => rank === 0 ? process.kill(process.pid, 'SIGKILL') : process.exit(130)); await asked();",
  leaves:
    "process.on('SIGTERM', () => process.exit(130)); if (rank === 1) { await ready(0); process.exit(130); } else { await ready(1); await asked(); }",
  saves:
    "let asks = 0; process.on('SIGTERM', () => asks++); await ready((rank + 1) % 3); await sleep([900, 0, 300][rank]); process.exit(asks > 1 ? 1 : 130);",
  deaf: "process.on('SIGTERM', () => {}); await asked();",
};

/** A program of several processes: it says its number in a file of its own, and where it is in `pids`. */
function program(body: string): string {
  const path = file(`program-${Object.values(programs).indexOf(body)}.mjs`);
  const lines = [
    'import { appendFileSync, existsSync, writeFileSync } from "node:fs";',
    `import { endWithLauncher, tellLauncher } from ${url("./member.js")};`,
    'import { setTimeout as sleep } from "node:timers/promises";',
    `const rank = Number(process.env.RANK), at = (name) => ${JSON.stringify(`${folder}/`)} + name + process.env.MASTER_PORT;`,
    'const ready = async (other) => { writeFileSync(at("ready-" + rank), ""); while (!existsSync(at("ready-" + other))) await sleep(5); };',
    "const asked = () => sleep(60_000);",
    "endWithLauncher();",
    'if (rank > 0) console.log("hello");',
    `appendFileSync(${JSON.stringify(file("pids"))}, process.pid + "\\n");`,
    body,
  ];
  writeFileSync(path, lines.join("\n"));
  return path;
}

/** A launcher of its own process, which can be killed. */
function launched(body: string, { size = 2, graceMs = 3000 } = {}) {
  writeFileSync(file("pids"), "");
  const command = JSON.stringify([process.execPath, program(body)]);
  const code = [
    `import { runGroup } from ${url("./group.js")};`,
    `import { planGroup } from ${url("./plan.js")};`,
    `process.exitCode = await runGroup(${command}, await planGroup({ nprocPerNode: "${size}" }), { graceMs: ${graceMs} });`,
  ];
  const child = spawn(process.execPath, ["--input-type=module", "-e", code.join("\n")], { stdio: ["ignore", "ignore", "pipe"] });
  const closed = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const ended = Promise.all([text(child.stderr), closed]).then(([said, code]) => {
    return {
      code,
      said: said
        .replaceAll(/process \d+/g, "process P")
        .replaceAll(hostname(), "HOST")
        .split("\n")
        .sort(),
    };
  });
  return { child, ended };
}

const pids = () => readFileSync(file("pids"), "utf8").trim().split("\n").filter(Boolean).map(Number);
const alive = () =>
  pids().filter((pid) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  });

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

const GOES_ON = " A training run goes on from its last checkpoint with --resume.";

describe("a group", () => {
  test("ends when all of its processes have, with their lines behind their numbers", async () => {
    expect(await launched(programs.done, { size: 3 }).ended).toEqual({ code: 0, said: ["", "[1] hello", "[2] hello"] });
  });

  test("says who was killed, and ends with it", async () => {
    const { code, said } = await launched(programs.killed, { size: 3 }).ended;
    expect(code).toBe(137);
    const sentence = `rank 1 on HOST (process P) was killed by SIGKILL, and the other 2 processes were stopped.${GOES_ON}`;
    expect(said).toEqual(["", "[1] hello", "[2] hello", sentence]);
    expect(alive()).toEqual([]);
  });

  test("says what a process failed with", async () => {
    const { code, said } = await launched(programs.fails).ended;
    const sentence = `rank 1 on HOST (process P) failed with exit code 7, and the other process was stopped.${GOES_ON}`;
    expect(said).toEqual(["", "[1] at all", "[1] hello", "[1] no such picture", sentence]);
    expect(code).toBe(7);
  });

  test("knows who was lost from those who lost it, though they are heard of sooner", async () => {
    const { code, said } = await launched(programs.loses, { size: 3 }).ended;
    const sentence = `rank 2 on HOST (process P) failed with exit code 9, and the other 2 processes were stopped.${GOES_ON}`;
    expect(said).toEqual(["", "[1] hello", "[2] hello", sentence]);
    expect(code).toBe(9);
  });

  test("kills who does not stop", async () => {
    expect(await launched(programs.stubborn, { graceMs: 300 }).ended).toMatchObject({ code: 3 });
    expect(alive()).toEqual([]);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("passes %s on and waits", async (signal) => {
    const { child, ended } = launched(programs.waits);
    await until(() => pids().length === 2);
    child.kill(signal);
    expect(await ended).toEqual({ code: 130, said: ["", "[1] hello"] });
    expect(alive()).toEqual([]);
  });

  test("ends when one of its processes was asked to, and it alone", async () => {
    expect(await launched(programs.leaves, { graceMs: 100 }).ended).toEqual({ code: 130, said: ["", "[1] hello"] });
  });

  test("asks nobody twice, who may still save, though one after another ends", async () => {
    expect(await launched(programs.saves, { size: 3, graceMs: 100 }).ended).toEqual({ code: 130, said: ["", "[1] hello", "[2] hello"] });
  });

  test("tells who dies while it stops from who stops", async () => {
    const { child, ended } = launched(programs.crashes);
    await until(() => pids().length === 2);
    child.kill("SIGTERM");
    const sentence = `rank 0 on HOST (process P) was killed by SIGKILL, and the other process was stopped.${GOES_ON}`;
    expect(await ended).toEqual({ code: 137, said: ["", "[1] hello", sentence] });
  });

  test("asked twice, it waits for nobody", async () => {
    const { child, ended } = launched(programs.deaf);
    await until(() => pids().length === 2);
    child.kill("SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 1100)); // sooner it is taken for the echo of the first
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 130 });
    expect(alive()).toEqual([]);
  });

  test("does not outlive its launcher", async () => {
    const { child, ended } = launched(programs.waits);
    await until(() => pids().length === 2);
    child.kill("SIGKILL");
    await ended;
    await until(() => alive().length === 0);
  });
});

describe("the plan", () => {
  const env = { OMP_NUM_THREADS: "3" };

  test("on one machine: a free port, threads divided", async () => {
    const members = await planGroup({ nprocPerNode: "2" }, {});
    expect(members.map(({ rank }) => rank)).toEqual([0, 1]);
    const [first, second] = members.map((member) => member.env);
    expect(second).toMatchObject({ RANK: "1", WORLD_SIZE: "2", LOCAL_RANK: "1", LOCAL_WORLD_SIZE: "2", MASTER_ADDR: "127.0.0.1" });
    expect(first!.MASTER_PORT).toBe(second!.MASTER_PORT);
    expect(Number(first!.OMP_NUM_THREADS)).toBeGreaterThan(0);
  });

  test("the second machine has the ranks behind those of the first", async () => {
    const flags = { nprocPerNode: "2", nnodes: "2", nodeRank: 1, masterAddr: "node-a", masterPort: 4000 };
    const [, last] = await planGroup(flags, env);
    expect(last).toEqual({
      rank: 3,
      env: {
        ...{ RANK: "3", WORLD_SIZE: "4", LOCAL_RANK: "1", LOCAL_WORLD_SIZE: "2", MASTER_ADDR: "node-a", MASTER_PORT: "4000" },
        ...{ SINGLESHOT_LAUNCH: "1", OMP_NUM_THREADS: "3" },
      },
    });
  });

  test("what no flag says, torchrun's variables do", async () => {
    const pod = { PET_NNODES: "2", PET_NPROC_PER_NODE: "1", PET_NODE_RANK: "1", PET_MASTER_ADDR: "job-0", PET_MASTER_PORT: "29400" };
    const [only, ...more] = await planGroup({}, { ...pod, ...env });
    expect(more).toEqual([]);
    expect(only!.env).toMatchObject({ RANK: "1", WORLD_SIZE: "2", LOCAL_WORLD_SIZE: "1", MASTER_ADDR: "job-0", MASTER_PORT: "29400" });
    expect(await planGroup({ nprocPerNode: "3" }, { ...pod, ...env })).toHaveLength(3);
  });

  test.each<[string, number, number]>([
    ["gpu", 4, 4],
    ["auto", 4, 4],
    ["auto", 0, 1],
  ])("--nproc-per-node %s with %i GPUs starts %i", async (nprocPerNode, gpus, processes) => {
    expect(await planGroup({ nprocPerNode }, env, async () => gpus)).toHaveLength(processes);
  });

  test.each<[string, object, Record<string, string>]>([
    ["--nproc-per-node is missing. Say how many processes this machine is to run.", {}, {}],
    ["--nproc-per-node: none is not a whole number from 1 to 1024", { nprocPerNode: "none" }, {}],
    [
      "PET_NPROC_PER_NODE: libtorch finds no GPU here. Say a number of processes; `singleshot doctor` tells more.",
      {},
      { PET_NPROC_PER_NODE: "gpu" },
    ],
    ["--nnodes: 1:4 is a number of nodes that may change. Name one number.", { nprocPerNode: "1", nnodes: "1:4" }, {}],
    [
      "--node-rank is missing: 2 nodes are to train together. Number them from 0, each with its own launch.",
      { nprocPerNode: "1", nnodes: "2" },
      {},
    ],
    [
      "--master-addr is missing: 2 nodes are to train together. Name the host of node 0, the same on all of them.",
      { nprocPerNode: "1", nnodes: "2", nodeRank: 0 },
      {},
    ],
    [
      "--node-rank: there is no node 2 of 2. Nodes are numbered from 0.",
      { nprocPerNode: "1", nnodes: "2", nodeRank: 2, masterAddr: "a" },
      {},
    ],
  ])("%s", async (message, flags, variables) => {
    await expect(planGroup(flags, variables, async () => 0)).rejects.toMatchObject({ name: "InputError", message });
  });
});
