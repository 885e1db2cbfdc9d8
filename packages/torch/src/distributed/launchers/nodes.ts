import { InputError } from "@singleshot/base";
import type { Launcher } from "./launcher.js";
import { type Environment, isSet, numberOf, type Said, textOf, wholeNumber } from "./variables.js";

const place = {
  because: "PET_NNODES",
  fix: "the operator numbers the nodes of a job without an elastic policy; or start with torchrun, which finds the numbers itself",
};

/**
 * `PET_*`: the defaults of torchrun's flags, set by Kubeflow's training operators (all that version 2 sets). They describe nodes, not
 * processes: a program that nobody launched on its node is the only one there.
 */
export const nodes: Launcher = {
  started: (env) => isSet(env, "PET_NNODES"),
  size(env) {
    requireOneProcessPerNode(env);
    return nodeCount(env.PET_NNODES!.trim(), "PET_NNODES");
  },
  read: (env) => ({
    launcher: "PET_*",
    rank: numberOf(env, "PET_NODE_RANK", place),
    localRank: { value: 0, by: "PET_NODE_RANK" },
    localSize: { value: 1, by: "PET_NPROC_PER_NODE" },
    masterAddress: textOf(env, "PET_MASTER_ADDR", place),
    masterPort: numberOf(env, "PET_MASTER_PORT", place),
  }),
};

/** `2`, or torchrun's `2:2`. @throws InputError for a number of nodes that may change */
export function nodeCount(text: string, by: string): Said {
  const [least, most = least] = text.split(":");
  if (least === most) return { value: wholeNumber(least!, by), by };
  throw new InputError(`${text} is a number of nodes that may change`, { file: by, fix: "name one number" });
}

/** @throws InputError where the node is to have several processes, and this one was started without their launcher */
export function requireOneProcessPerNode(env: Environment): void {
  const perNode = env.PET_NPROC_PER_NODE?.trim() ?? "";
  if (!/^\d+$/.test(perNode) || Number(perNode) < 2) return;
  throw new InputError(`${perNode} processes are meant on this node, and this one was started alone`, {
    file: "PET_NPROC_PER_NODE",
    fix: "put the launcher before it, which reads PET_*: `singleshot launch -- train ...`; or ask for one process a node",
  });
}
