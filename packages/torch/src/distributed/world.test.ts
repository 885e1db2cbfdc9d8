import { InputError } from "@singleshot/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { environmentOf, threadsOf, type World, worldOf } from "./world.js";

const torchrun = {
  RANK: "3",
  WORLD_SIZE: "4",
  LOCAL_RANK: "1",
  LOCAL_WORLD_SIZE: "2",
  MASTER_ADDR: "node-a",
  MASTER_PORT: "29511",
  TORCHELASTIC_RUN_ID: "none",
  TORCHELASTIC_USE_AGENT_STORE: "False",
};
const pyTorchJob = { RANK: "1", WORLD_SIZE: "3", MASTER_ADDR: "job-master-0", MASTER_PORT: "23456" };
const srun = {
  SLURM_JOB_ID: "4711",
  SLURM_STEP_ID: "0",
  SLURM_PROCID: "6",
  SLURM_NTASKS: "7",
  SLURM_LOCALID: "0",
  SLURM_NODEID: "3",
  SLURM_TASKS_PER_NODE: "2(x3),1",
  SLURM_JOB_NODELIST: "gpu[07-09,12]",
};
const mpirun = {
  OMPI_COMM_WORLD_RANK: "1",
  OMPI_COMM_WORLD_SIZE: "2",
  OMPI_COMM_WORLD_LOCAL_RANK: "1",
  OMPI_COMM_WORLD_LOCAL_SIZE: "2",
  PMIX_NAMESPACE: "1234567.1",
};
const trainJob = {
  PET_NNODES: "2",
  PET_NPROC_PER_NODE: "auto",
  PET_NODE_RANK: "1",
  PET_MASTER_ADDR: "job-node-0-0.job",
  PET_MASTER_PORT: "29500",
};

describe("each launcher's environment", () => {
  test("torchrun", () => {
    const world = { rank: 3, size: 4, localRank: 1, localSize: 2, masterAddress: "node-a", masterPort: 29511 };
    expect(worldOf(torchrun)).toEqual({ ...world, launcher: "torchrun" });
    expect(worldOf({ ...torchrun, TORCHELASTIC_RUN_ID: "" })).toEqual({ ...world, launcher: "RANK and WORLD_SIZE" });
    expect(worldOf({ ...torchrun, LOCAL_WORLD_SIZE: undefined })).toMatchObject({ localRank: 1, localSize: 4 });
  });

  test("torchrun that serves a store itself: ours is beside it, wherever and whenever a process asks", () => {
    const hosted = { ...torchrun, TORCHELASTIC_USE_AGENT_STORE: "True", TORCHELASTIC_RESTART_COUNT: "0" };
    const ports = [torchrun, hosted, { ...hosted, TORCHELASTIC_RESTART_COUNT: "1" }].map((env) => worldOf(env)?.masterPort);
    expect(ports).toEqual([29511, 16229, 16229]);
  });

  test("a PyTorchJob has one process a pod", () => {
    const world = { rank: 1, size: 3, localRank: 0, localSize: 1, masterAddress: "job-master-0", masterPort: 23456 };
    expect(worldOf(pyTorchJob)).toEqual({ ...world, launcher: "RANK and WORLD_SIZE" });
  });

  test("Slurm: the first host of the list, a port of the job's own", () => {
    const world = { rank: 6, size: 7, localRank: 0, localSize: 1, masterAddress: "gpu07", masterPort: 31090 };
    expect(worldOf(srun)).toEqual({ ...world, launcher: "Slurm" });
    expect(worldOf({ ...srun, SLURM_CPUS_PER_TASK: "4" })).toMatchObject({ threads: 4 });
    expect(worldOf({ ...srun, SLURM_JOB_ID: "4712" })?.masterPort).not.toBe(31090);
    expect(worldOf({ ...srun, MASTER_ADDR: "10.0.0.1", MASTER_PORT: "29500" })).toMatchObject({
      masterAddress: "10.0.0.1",
      masterPort: 29500,
    });
  });

  test("a step of Slurm's counts, not the job around it", () => {
    const step = {
      ...srun,
      ...{ SLURM_STEP_NUM_TASKS: "2", SLURM_STEP_TASKS_PER_NODE: "1(x2)", SLURM_STEP_NODELIST: "gpu[08-09]" },
      ...{ SLURM_PROCID: "1", SLURM_NODEID: "1" },
    };
    expect(worldOf(step)).toMatchObject({ rank: 1, size: 2, localSize: 1, masterAddress: "gpu08" });
  });

  test("Slurm's batch script and the shell of salloc are no tasks", () => {
    expect(worldOf({ ...srun, SLURM_STEP_ID: undefined, ENVIRONMENT: "BATCH" })).toBeUndefined();
    expect(worldOf({ ...srun, SLURM_STEP_ID: "4294967290" })).toBeUndefined();
  });

  test("OpenMPI on one host, and on several with an address", () => {
    const world = { rank: 1, size: 2, localRank: 1, localSize: 2, masterAddress: "127.0.0.1", masterPort: 27018 };
    expect(worldOf(mpirun)).toEqual({ ...world, launcher: "OpenMPI" });
    const spread = { ...mpirun, OMPI_COMM_WORLD_LOCAL_RANK: "0", OMPI_COMM_WORLD_LOCAL_SIZE: "1", MASTER_ADDR: "a" };
    expect(worldOf(spread)).toMatchObject({ localRank: 0, localSize: 1, masterAddress: "a" });
  });

  test("a TrainJob of Kubeflow's trainer, with one process a node", () => {
    const world = { rank: 1, size: 2, localRank: 0, localSize: 1, masterAddress: "job-node-0-0.job", masterPort: 29500 };
    expect(worldOf(trainJob)).toEqual({ ...world, launcher: "PET_*" });
  });

  test("whoever it is: how long they wait is said by flags", () => {
    expect(worldOf(torchrun, { joinTimeout: 20, timeout: 5 })).toEqual({ ...worldOf(torchrun), joinMs: 20_000, timeoutMs: 5000 });
    expect(worldOf({}, { joinTimeout: 20 })).toBeUndefined();
  });

  test("flags: on this host, or each process on its own", () => {
    const world = { rank: 1, size: 2, masterPort: 29500, launcher: "flags" };
    expect(worldOf({}, { worldSize: 2, rank: 1 })).toEqual({ ...world, localRank: 1, localSize: 2, masterAddress: "127.0.0.1" });
    expect(worldOf({}, { worldSize: 2, rank: 1, masterAddr: "a", masterPort: 7 })).toEqual({
      ...world,
      ...{ localRank: 0, localSize: 1, masterAddress: "a", masterPort: 7 },
    });
  });
});

test("threads: the launcher's word if there are as many cores, then OMP_NUM_THREADS unless torchrun made it up, then a share of the cores", () => {
  const world = worldOf(environmentOf({ ...worldOf(torchrun)!, localSize: 2 }))!;
  const found = (env: Record<string, string>, more: Partial<World> = {}) => threadsOf({ ...world, ...more }, env, { all: 9, own: 9 });
  expect(found({})).toBe(4);
  expect(found({ OMP_NUM_THREADS: "1" })).toBe(1);
  expect(found({ OMP_NUM_THREADS: "1" }, { launcher: "torchrun" })).toBe(4);
  expect(found({ OMP_NUM_THREADS: "3" }, { launcher: "torchrun" })).toBe(3);
  expect(found({ OMP_NUM_THREADS: "3" }, { threads: 2 })).toBe(2);
  expect(found({ OMP_NUM_THREADS: "2,1" })).toBe(4);
  expect(found({}, { threads: 16 })).toBe(9);
  expect(found({}, { localSize: 64, size: 64 })).toBe(1);
  const tied = (launcher: string) => threadsOf({ ...world, launcher }, {}, { all: 64, own: 4 });
  expect(["OpenMPI", "Slurm", "torchrun", "flags"].map(tied)).toEqual([4, 4, 2, 2]);
});

describe("which one counts", () => {
  test("flags, RANK and WORLD_SIZE, Slurm, OpenMPI, PET_*, in this order", () => {
    const found: string[] = [];
    let env: Record<string, string> = { ...trainJob, ...mpirun, ...srun, ...torchrun };
    found.push(worldOf(env, { worldSize: 2, rank: 0 })!.launcher, worldOf(env)!.launcher);
    env = { ...trainJob, ...mpirun, ...srun, OMPI_COMM_WORLD_RANK: srun.SLURM_PROCID, OMPI_COMM_WORLD_SIZE: srun.SLURM_NTASKS };
    found.push(worldOf(env)!.launcher, worldOf({ ...trainJob, ...mpirun })!.launcher, worldOf(trainJob)!.launcher);
    expect(found).toEqual(["flags", "torchrun", "Slurm", "OpenMPI", "PET_*"]);
  });

  test("mpirun in a Slurm job: its daemons are Slurm's tasks, not its processes", () => {
    expect(worldOf({ ...srun, ...mpirun })).toMatchObject({ launcher: "OpenMPI", rank: 1, size: 2 });
  });

  test("one process is a single one, whoever starts it", () => {
    for (const name of ["WORLD_SIZE", "OMPI_COMM_WORLD_SIZE", "PET_NNODES"]) expect(worldOf({ [name]: "1" })).toBeUndefined();
    expect(worldOf({ SLURM_PROCID: "0", SLURM_NTASKS: "1" })).toBeUndefined();
    expect(worldOf({}, { worldSize: 1, rank: 0 })).toBeUndefined();
    expect(worldOf({})).toBeUndefined();
    expect(worldOf({ RANK: "", WORLD_SIZE: " " })).toBeUndefined();
  });
});

const TOGETHER = "Set RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT together, as torchrun and `singleshot launch` do, or none of them.";
const ORDER = "Ranks count from 0, and what a launcher sets belongs together.";

function problemOf(body: () => unknown): unknown {
  try {
    return body();
  } catch (error) {
    return error instanceof InputError ? error.message : error;
  }
}

describe("what is half said or contradicts itself is refused", () => {
  test.each<[string, Record<string, string | undefined>]>([
    [`WORLD_SIZE: it is not set, and RANK is. ${TOGETHER}`, { RANK: "0" }],
    [`RANK: it is not set, and WORLD_SIZE is. ${TOGETHER}`, { WORLD_SIZE: "2" }],
    [`MASTER_ADDR: it is not set, and WORLD_SIZE is. ${TOGETHER}`, { ...torchrun, MASTER_ADDR: "" }],
    [`MASTER_PORT: it is not set, and WORLD_SIZE is. ${TOGETHER}`, { ...torchrun, MASTER_PORT: undefined }],
    ["RANK: two is not a whole number", { ...torchrun, RANK: "two" }],
    ["WORLD_SIZE: -1 is not a whole number", { ...torchrun, WORLD_SIZE: "-1" }],
    [`WORLD_SIZE: there is no process. ${ORDER}`, { ...torchrun, WORLD_SIZE: "0" }],
    [`RANK: 4 is not below WORLD_SIZE, 4. ${ORDER}`, { ...torchrun, RANK: "4" }],
    [`LOCAL_RANK: 2 is not below LOCAL_WORLD_SIZE, 2. ${ORDER}`, { ...torchrun, LOCAL_RANK: "2" }],
    [`LOCAL_WORLD_SIZE: 8 is above WORLD_SIZE, 4. ${ORDER}`, { ...torchrun, LOCAL_WORLD_SIZE: "8" }],
    [`MASTER_PORT: 70000 is no port. ${ORDER}`, { ...torchrun, MASTER_PORT: "70000" }],
    [
      "PET_NPROC_PER_NODE: 4 processes are meant on this node, and this one was started alone. Put the launcher before it, which reads PET_*: `singleshot launch -- train ...`; or ask for one process a node.",
      { ...pyTorchJob, PET_NPROC_PER_NODE: "4" },
    ],
    ["PET_NNODES: 1:4 is a number of nodes that may change. Name one number.", { PET_NNODES: "1:4" }],
    [
      "PET_NODE_RANK: it is not set, and PET_NNODES is. The operator numbers the nodes of a job without an elastic policy; or start with torchrun, which finds the numbers itself.",
      { ...trainJob, PET_NODE_RANK: undefined },
    ],
    [
      "SLURM_NTASKS: it is not set, and SLURM_PROCID is. Start the tasks with srun, which sets all SLURM_ variables.",
      { SLURM_PROCID: "0" },
    ],
    [
      "SLURM_NODEID: there is no node 4 in SLURM_TASKS_PER_NODE=2(x3),1. Start the tasks with srun, which sets all SLURM_ variables.",
      { ...srun, SLURM_NODEID: "4" },
    ],
    ["SLURM_TASKS_PER_NODE: two are no numbers of tasks. Slurm writes 2(x3),1.", { ...srun, SLURM_TASKS_PER_NODE: "two" }],
    [
      "MASTER_ADDR: it is not set, and OMPI_COMM_WORLD_SIZE, over several hosts, is. Say where rank 0 is: mpirun -x MASTER_ADDR=HOST ...",
      { ...mpirun, OMPI_COMM_WORLD_LOCAL_SIZE: "1", OMPI_COMM_WORLD_LOCAL_RANK: "0" },
    ],
  ])("%s", (message, env) => {
    expect(problemOf(() => worldOf(env))).toBe(message);
  });

  test.each([
    ["--rank is missing. Number the processes from 0: --world-size 2 --rank 0.", { worldSize: 2 }],
    ["--master-port: it goes with --world-size. Say how many processes there are, or leave it out.", { masterPort: 1 }],
    [`--rank: 2 is not below --world-size, 2. ${ORDER}`, { worldSize: 2, rank: 2 }],
  ])("%s", (message, flags) => {
    expect(problemOf(() => worldOf({}, flags))).toBe(message);
  });
});

describe("properties", () => {
  const worlds = fc.integer({ min: 2, max: 4096 }).chain((size) =>
    fc.integer({ min: 1, max: size }).chain((localSize) =>
      fc.record({
        ...{ size: fc.constant(size), localSize: fc.constant(localSize) },
        ...{ rank: fc.nat(size - 1), localRank: fc.nat(localSize - 1) },
        ...{ masterAddress: fc.domain(), masterPort: fc.integer({ min: 1, max: 65_535 }) },
      }),
    ),
  );

  test("a process that is told a world reads the same one", () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const expected: World = { ...world, launcher: "singleshot launch" };
        expect(worldOf(environmentOf(world))).toEqual(expected);
      }),
    );
  });

  test("whatever is set, there is a world that holds together, none, or an InputError", () => {
    const names = Object.keys({ ...torchrun, ...srun, ...mpirun, ...trainJob });
    const value = fc.oneof(fc.nat(5).map(String), fc.constantFrom("", "True", "2(x3),1", "n[1-3]", "1:2"), fc.string());
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), (env) => {
        try {
          const world = worldOf(env);
          if (!world) return;
          expect(world.rank).toBeLessThan(world.size);
          expect(world.localRank).toBeLessThan(world.localSize);
          expect(world.localSize).toBeLessThanOrEqual(world.size);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
    );
  });
});
