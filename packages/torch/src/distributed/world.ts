import { InputError } from "@singleshot/base";
import {
  type Environment,
  LAUNCHED,
  type Launcher,
  nodes,
  openMpi,
  ranks,
  type Said,
  slurm,
  type Told,
  toldByFlags,
  type WorldFlags,
} from "./launchers/index.js";

/** The processes that train together, and which of them this one is. */
export interface World {
  /** over all hosts, from 0 */
  rank: number;
  /** over all hosts, at least 2 */
  size: number;
  /** on this host, from 0 */
  localRank: number;
  localSize: number;
  /** Where the store is that the processes meet at; on rank 0's own host it may be `localhost`, whatever the others are told. */
  masterAddress: string;
  /** Rank 0 serves the store there. */
  masterPort: number;
  /** Cores that the launcher gives each process, where it says: with Slurm's `--cpus-per-task`. */
  threads?: number;
  /** Who started the processes, in words: torchrun, Slurm, OpenMPI, PET_*, flags, singleshot launch, RANK and WORLD_SIZE. */
  launcher: string;
  /** How long to wait until all have come, where the command line says. */
  joinMs?: number;
  /** How long they wait for each other afterwards, where the command line says. */
  timeoutMs?: number;
}

/** In the order in which they are looked for. */
const LAUNCHERS: readonly Launcher[] = [ranks, slurm, openMpi, nodes];

/**
 * Which processes train together, as the command line or the launcher's environment says: flags, then `RANK` and `WORLD_SIZE` (torchrun,
 * PyTorchJob), `SLURM_*`, `OMPI_*`, `PET_*`.
 *
 * @returns undefined for a single process
 * @throws InputError where the environment says a part only, or contradicts itself
 */
export function worldOf(env: Environment, flags: WorldFlags = {}): World | undefined {
  const world = processesOf(env, flags);
  return world && { ...world, ...limitsOf(flags) };
}

function processesOf(env: Environment, flags: WorldFlags): World | undefined {
  const byFlags = toldByFlags(flags);
  if (byFlags) return checked(byFlags.size, () => byFlags.told);
  const launcher = LAUNCHERS.find(({ started }) => started(env));
  if (!launcher) return undefined;
  const size = launcher.size(env);
  return checked(size, () => launcher.read(env, size));
}

const limitsOf = ({ joinTimeout, timeout }: WorldFlags): Pick<World, "joinMs" | "timeoutMs"> => ({
  ...(joinTimeout !== undefined && { joinMs: 1000 * joinTimeout }),
  ...(timeout !== undefined && { timeoutMs: 1000 * timeout }),
});

/** The variables that tell a process its world, as torchrun sets them; `worldOf` reads the same from them. */
export function environmentOf(world: Omit<World, "launcher" | "joinMs" | "timeoutMs">): Record<string, string> {
  const { rank, size, localRank, localSize, masterAddress, masterPort } = world;
  return {
    RANK: String(rank),
    WORLD_SIZE: String(size),
    LOCAL_RANK: String(localRank),
    LOCAL_WORLD_SIZE: String(localSize),
    MASTER_ADDR: masterAddress,
    MASTER_PORT: String(masterPort),
    [LAUNCHED]: "1",
  };
}

function checked(size: Said, tell: () => Told): World | undefined {
  holds(size.value > 0, size, "there is no process");
  if (size.value === 1) return undefined;
  const { rank, localRank, localSize, masterPort, ...rest } = tell();
  below(rank, size);
  below(localRank, localSize);
  holds(localSize.value <= size.value, localSize, `${localSize.value} is above ${size.by}, ${size.value}`);
  holds(masterPort.value >= 1 && masterPort.value <= 65_535, masterPort, `${masterPort.value} is no port`);
  const numbers = { rank: rank.value, size: size.value, localRank: localRank.value, localSize: localSize.value };
  return { ...numbers, masterPort: masterPort.value, ...rest };
}

const below = (rank: Said, size: Said) => holds(rank.value < size.value, rank, `${rank.value} is not below ${size.by}, ${size.value}`);

function holds(condition: boolean, { by }: Said, problem: string): void {
  if (!condition) throw new InputError(problem, { file: by, fix: "ranks count from 0, and what a launcher sets belongs together" });
}

export { shareOfCores, usableCores } from "../cores.js";
export { type Environment, LAUNCHED, nodeCount, type WorldFlags } from "./launchers/index.js";
export { threadsOf } from "./threads.js";
