import type { Launcher, Told } from "./launcher.js";
import { requireOneProcessPerNode } from "./nodes.js";
import { derivedPort } from "./port.js";
import { type Environment, isSet, numberOf, type Said, textOf } from "./variables.js";

/** Set by `singleshot launch` for the processes that it starts. */
export const LAUNCHED = "SINGLESHOT_LAUNCH";

const FIX = "set RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT together, as torchrun and `singleshot launch` do, or none of them";
const place = { because: "WORLD_SIZE", fix: FIX };

/**
 * `RANK` and `WORLD_SIZE`, PyTorch's own contract: torchrun, `singleshot launch`, PyTorchJobs of Kubeflow's training operator v1 (which
 * start one process a pod and set no `LOCAL_RANK`), or somebody's hand.
 */
export const ranks: Launcher = {
  started: (env) => isSet(env, "RANK") || isSet(env, "WORLD_SIZE"),
  size: (env) => numberOf(env, "WORLD_SIZE", { because: "RANK", fix: FIX }),
  read: (env, size) => ({
    launcher: launcherOf(env),
    rank: numberOf(env, "RANK", place),
    ...onHost(env, size),
    masterAddress: textOf(env, "MASTER_ADDR", place),
    masterPort: port(env),
  }),
};

function launcherOf(env: Environment): string {
  if (isSet(env, "TORCHELASTIC_RUN_ID")) return "torchrun";
  return isSet(env, LAUNCHED) ? "singleshot launch" : "RANK and WORLD_SIZE";
}

/** Where nobody says how many processes a host has, all may be on this one: too few threads are better than too many. */
function onHost(env: Environment, size: Said): Pick<Told, "localRank" | "localSize"> {
  if (isSet(env, "LOCAL_RANK")) {
    const localSize = isSet(env, "LOCAL_WORLD_SIZE") ? numberOf(env, "LOCAL_WORLD_SIZE", place) : size;
    return { localRank: numberOf(env, "LOCAL_RANK", place), localSize };
  }
  requireOneProcessPerNode(env);
  return { localRank: { value: 0, by: "LOCAL_RANK" }, localSize: { value: 1, by: "LOCAL_WORLD_SIZE" } };
}

/**
 * Some rendezvous of torchrun serve a store of their own at the master's port. Ours is beside it, at a port that all processes derive
 * alike: torchrun may be of another libtorch, whose stores speak otherwise. It is the same after a restart: rank 0 brings a new store with
 * it, and each node's count of restarts is its own.
 */
function port(env: Environment): Said {
  const said = numberOf(env, "MASTER_PORT", place);
  return env.TORCHELASTIC_USE_AGENT_STORE === "True" ? derivedPort(env, ["MASTER_PORT"]) : said;
}
