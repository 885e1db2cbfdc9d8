import type { Launcher, Told } from "./launcher.js";
import { requireOneProcessPerNode } from "./nodes.js";
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
    masterPort: numberOf(env, "MASTER_PORT", place),
    ...store(env),
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

/** torchrun's static rendezvous keeps its store at the master's port while it restarts processes: each attempt has keys of its own. */
function store(env: Environment): Pick<Told, "storeHosted" | "storePrefix"> {
  if (env.TORCHELASTIC_USE_AGENT_STORE !== "True") return {};
  return { storeHosted: true, storePrefix: `/worker/attempt_${env.TORCHELASTIC_RESTART_COUNT || 0}` };
}
