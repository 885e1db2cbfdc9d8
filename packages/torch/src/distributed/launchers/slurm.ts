import { InputError } from "@singleshot/base";
import type { Launcher } from "./launcher.js";
import { portOf } from "./port.js";
import { type Environment, isSet, numberOf, type Said, setOneOf, textOf, wholeNumber } from "./variables.js";

/** Slurm counts what is no task of `srun`'s, the batch script and the shell of `salloc`, from above. */
const FIRST_SPECIAL_STEP = 0xffff_fff0;

const place = { because: "SLURM_PROCID", fix: "start the tasks with srun, which sets all SLURM_ variables" };
const sizeName = (env: Environment) => setOneOf(env, "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS");

/** Tasks that Slurm's `srun` starts. A batch script has some of the variables too, but it is no task: it runs alone, or begins others. */
export const slurm: Launcher = {
  started: (env) => isSet(env, "SLURM_PROCID") && isTask(env) && !isInsideMpirun(env),
  size: (env) => numberOf(env, sizeName(env), place),
  read: (env) => ({
    launcher: "Slurm",
    rank: numberOf(env, "SLURM_PROCID", place),
    localRank: numberOf(env, "SLURM_LOCALID", place),
    localSize: tasksHere(env),
    masterAddress: env.MASTER_ADDR?.trim() || firstHost(textOf(env, setOneOf(env, "SLURM_STEP_NODELIST", "SLURM_JOB_NODELIST"), place)),
    masterPort: portOf(env, ["SLURM_JOB_ID", "SLURM_STEP_ID"]),
    ...(isSet(env, "SLURM_CPUS_PER_TASK") && { threads: numberOf(env, "SLURM_CPUS_PER_TASK", place).value }),
  }),
};

function isTask(env: Environment): boolean {
  if (!isSet(env, "SLURM_STEP_ID")) return env.ENVIRONMENT !== "BATCH";
  return Number(env.SLURM_STEP_ID) < FIRST_SPECIAL_STEP;
}

/** `mpirun` in a Slurm job starts its daemons as tasks of Slurm's: the numbers are theirs then, not those of the processes. */
function isInsideMpirun(env: Environment): boolean {
  if (!isSet(env, "OMPI_COMM_WORLD_RANK")) return false;
  return env.OMPI_COMM_WORLD_RANK !== env.SLURM_PROCID || env.OMPI_COMM_WORLD_SIZE !== env[sizeName(env)];
}

function tasksHere(env: Environment): Said {
  const by = setOneOf(env, "SLURM_STEP_TASKS_PER_NODE", "SLURM_TASKS_PER_NODE");
  const counts = tasksPerNode(textOf(env, by, place), by);
  const node = numberOf(env, "SLURM_NODEID", place);
  const value = counts[node.value];
  if (value !== undefined) return { value, by };
  throw new InputError(`there is no node ${node.value} in ${by}=${env[by]}`, { file: node.by, fix: place.fix });
}

/** `2(x3),1`: three nodes with two tasks and one with one. @throws InputError on another form */
export function tasksPerNode(text: string, by: string): number[] {
  return text.split(",").flatMap((part) => {
    const [, tasks, nodes = "1"] = /^(\d+)(?:\(x(\d+)\))?$/.exec(part.trim()) ?? [];
    if (tasks === undefined) throw new InputError(`${text} are no numbers of tasks`, { file: by, fix: "Slurm writes 2(x3),1" });
    return new Array<number>(wholeNumber(nodes, by)).fill(Number(tasks));
  });
}

/** The first of `rack[1-2]n[03-07,9],login`: rack1n03. */
export const firstHost = (nodeList: string): string => nodeList.replace(/\[(\d+)[^\]]*\]/g, "$1").split(",")[0]!;
