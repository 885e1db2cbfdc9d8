import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { dirname, join } from "node:path";

type Read = (file: string) => string | undefined;

/** What a process may compute on. */
export interface Cores {
  /** of the machine, or of the set of its cores that this process's cgroup has */
  all: number;
  /** that this very process may run on: fewer where a launcher has tied it to some, or `taskset` all that it starts */
  own: number;
  /** as many cores' worth of time as the container has, where it is limited: Kubernetes' `limits.cpu`, Docker's `--cpus` */
  quota?: number;
}

export function coresHere(read: Read = readText, machine = { all: cpus().length, own: availableParallelism() }): Cores {
  const quota = quotaOf(read);
  const set = setOf(read);
  return { ...machine, ...(set !== undefined && { all: Math.min(set, machine.all) }), ...(quota !== undefined && { quota }) };
}

/** How many threads of this process find a core at the same time. */
export const usableCores = ({ own, quota = own }: Cores = coresHere()): number => atLeastOne(Math.min(own, quota));

/**
 * The share of one of several processes on this host. Cores that a process was tied to by a launcher that binds each to its own are its
 * own already; other ties are those of all of them (`taskset -c 0-3 torchrun ...`), and so is a container's time.
 */
export function shareOfCores(localSize: number, { all, own, quota = all }: Cores = coresHere(), { binds = false } = {}): number {
  const isTied = binds && own < all;
  return atLeastOne(Math.min(isTied ? own : own / localSize, quota / localSize));
}

const atLeastOne = (cores: number) => Math.max(1, Math.floor(cores));

/** The smallest limit of this process's cgroup and those around it. */
function quotaOf(read: Read): number | undefined {
  const limits = [
    ...cgroupFolders(read, "").map((folder) => quotient(...words(read(join(folder, "cpu.max"))))),
    ...cgroupFolders(read, "cpu").map((folder) =>
      quotient(...words(read(join(folder, "cpu.cfs_quota_us"))), ...words(read(join(folder, "cpu.cfs_period_us")))),
    ),
  ].filter((limit) => limit !== undefined);
  return limits.length > 0 ? Math.min(...limits) : undefined;
}

/** `max 100000` and `-1` are no limits. */
function quotient(quota?: string, period?: string): number | undefined {
  const cores = Number(quota) / Number(period);
  return cores > 0 ? cores : undefined;
}

function setOf(read: Read): number | undefined {
  const files = [
    ...cgroupFolders(read, "").map((folder) => join(folder, "cpuset.cpus.effective")),
    ...cgroupFolders(read, "cpuset").map((folder) => join(folder, "cpuset.cpus")),
  ];
  const counts = files.map((file) => countOf(read(file)?.trim() ?? "")).filter((count) => count > 0);
  return counts.length > 0 ? Math.min(...counts) : undefined;
}

/** How many `0-3,8` are. */
function countOf(list: string): number {
  if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(list)) return 0;
  return list.split(",").reduce((sum, range) => {
    const [first, last = first] = range.split("-").map(Number);
    return sum + last! - first! + 1;
  }, 0);
}

/** The folders of this process's cgroup and of those around it, of a controller's hierarchy; `""`: of the one hierarchy of version 2. */
function cgroupFolders(read: Read, controller: string): string[] {
  const root = join("/sys/fs/cgroup", controller);
  for (const line of (read("/proc/self/cgroup") ?? "").split("\n")) {
    const [, names = "", path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path !== undefined && names.split(",").includes(controller)) return [...ancestors(path).map((one) => join(root, one))];
  }
  return [];
}

const ancestors = (path: string): string[] => (dirname(path) === path ? [path] : [path, ...ancestors(dirname(path))]);

const words = (text: string | undefined): string[] => text?.trim().split(/\s+/) ?? [];

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined; // no Linux, or another version of cgroups
  }
}
