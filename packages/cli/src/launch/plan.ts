import { type Environment, environmentOf, nodeCount, usableCores } from "@singleshot/torch/world";
import { InputError } from "@singleshot/vision";
import { countGpus } from "../gpus/index.js";
import { wholeNumber } from "../options/index.js";
import { freePort } from "./free-port.js";

/** The flags of `launch`, as read. */
export interface LaunchFlags {
  nprocPerNode?: string;
  nnodes?: string;
  nodeRank?: number;
  masterAddr?: string;
  masterPort?: number;
}

/** A process that is to be started. */
export interface Member {
  /** over all hosts */
  rank: number;
  /** what its environment has beside this process's own */
  env: Record<string, string>;
}

/** torchrun's port, for those who name none: over several hosts all have to know it beforehand. */
const USUAL_PORT = 29500;

/**
 * The processes that this host is to run, each with the environment that torchrun would give it. What no flag says, torchrun's own
 * variables do (`PET_NNODES` and the rest, as Kubernetes' operators set them).
 *
 * @throws InputError where flags or variables are missing or wrong
 */
export async function planGroup(flags: LaunchFlags, env: Environment = process.env, gpus = countGpus): Promise<Member[]> {
  const localSize = await processesPerNode(flags.nprocPerNode, env.PET_NPROC_PER_NODE, gpus);
  const nodes = flags.nnodes === undefined ? nodeCount(env.PET_NNODES || "1", "PET_NNODES") : nodeCount(flags.nnodes, "--nnodes");
  const { nodeRank, ...master } = nodes.value > 1 ? places(flags, env, nodes.value) : await here(flags);
  const size = localSize * nodes.value;
  const threads = env.OMP_NUM_THREADS || String(threadsOf(localSize, usableCores()));
  return Array.from({ length: localSize }, (_, localRank) => {
    const rank = localSize * nodeRank + localRank;
    return { rank, env: { ...environmentOf({ rank, size, localRank, localSize, ...master }), OMP_NUM_THREADS: threads } };
  });
}

/** So many that the processes of a host together have as many as there are cores: each would take all of them, and wait for the others. */
const threadsOf = (localSize: number, cores: number): number => Math.max(1, Math.floor(cores / localSize));

async function processesPerNode(flag: string | undefined, variable: string | undefined, gpus: () => Promise<number>): Promise<number> {
  const text = flag ?? variable;
  if (!text) throw new InputError("--nproc-per-node is missing", { fix: "say how many processes this machine is to run" });
  const by = flag === undefined ? "PET_NPROC_PER_NODE" : "--nproc-per-node";
  if (text === "auto") return Math.max(1, await gpus());
  if (text === "gpu") return requireSome(await gpus(), by);
  if (text === "cpu") return usableCores();
  return wholeNumber(by, { min: 1, max: 1024 })(text);
}

function requireSome(gpus: number, by: string): number {
  if (gpus > 0) return gpus;
  throw new InputError("libtorch finds no GPU here", { file: by, fix: "say a number of processes; `singleshot doctor` tells more" });
}

interface Place {
  nodeRank: number;
  masterAddress: string;
  masterPort: number;
}

async function here({ nodeRank = 0, masterAddr = "127.0.0.1", masterPort }: LaunchFlags): Promise<Place> {
  requireBelow(nodeRank, 1, "--node-rank");
  return { nodeRank, masterAddress: masterAddr, masterPort: masterPort ?? (await freePort()) };
}

function places({ nodeRank, masterAddr, masterPort }: LaunchFlags, env: Environment, nodes: number): Place {
  const several = `${nodes} nodes are to train together`;
  const number = nodeRank ?? (env.PET_NODE_RANK ? wholeNumber("PET_NODE_RANK", { min: 0 })(env.PET_NODE_RANK) : undefined);
  if (number === undefined)
    throw new InputError(`--node-rank is missing: ${several}`, { fix: "number them from 0, each with its own launch" });
  const masterAddress = masterAddr ?? env.PET_MASTER_ADDR;
  if (!masterAddress)
    throw new InputError(`--master-addr is missing: ${several}`, { fix: "name the host of node 0, the same on all of them" });
  requireBelow(number, nodes, nodeRank === undefined ? "PET_NODE_RANK" : "--node-rank");
  const port = masterPort ?? (env.PET_MASTER_PORT ? wholeNumber("PET_MASTER_PORT", PORTS)(env.PET_MASTER_PORT) : USUAL_PORT);
  return { nodeRank: number, masterAddress, masterPort: port };
}

export const PORTS = { min: 1, max: 65_535 };

function requireBelow(nodeRank: number, nodes: number, by: string): void {
  if (nodeRank >= nodes) throw new InputError(`there is no node ${nodeRank} of ${nodes}`, { file: by, fix: "nodes are numbered from 0" });
}
