import { describe, expect, test } from "vitest";
import { type Cores, coresHere, shareOfCores, usableCores } from "./cores.js";

describe("a process's share of a host's cores", () => {
  test.each<[string, Cores, number, number]>([
    ["shared out among those on the host", { all: 64, own: 64 }, 2, 32],
    ["shared out where all of them are tied to the same, by taskset", { all: 64, own: 4 }, 4, 1],
    ["at least one", { all: 4, own: 4 }, 8, 1],
    ["of a container's time, whatever the node has", { all: 64, own: 64, quota: 16 }, 1, 16],
    ["of a container's time, shared out too", { all: 64, own: 64, quota: 16 }, 4, 4],
    ["of a time of less than a core", { all: 64, own: 64, quota: 0.5 }, 1, 1],
  ])("%s", (_, cores, processes, threads) => {
    expect(shareOfCores(processes, cores)).toBe(threads);
  });

  test.each<[string, Cores, number, number]>([
    ["its own where its launcher has tied it to some", { all: 64, own: 8 }, 2, 8],
    ["no more than the container's time where it is tied", { all: 64, own: 32, quota: 16 }, 4, 4],
    ["shared out where its launcher was told not to bind", { all: 64, own: 64 }, 2, 32],
  ])("of a launcher that binds: %s", (_, cores, processes, threads) => {
    expect(shareOfCores(processes, cores, { binds: true })).toBe(threads);
  });

  test("alone it has all that it may use", () => {
    expect(usableCores({ all: 64, own: 8 })).toBe(8);
    expect(usableCores({ all: 64, own: 64, quota: 3.5 })).toBe(3);
  });
});

describe("what Linux says of cores", () => {
  const found = (files: Record<string, string>) => coresHere((file) => files[file], { all: 64, own: 64 });

  test("cgroups 2: the smallest quota on the way up", () => {
    const files = {
      "/proc/self/cgroup": "0::/kubepods/pod1/box\n",
      "/sys/fs/cgroup/kubepods/pod1/box/cpu.max": "max 100000\n",
      "/sys/fs/cgroup/kubepods/pod1/cpu.max": "1600000 100000\n",
      "/sys/fs/cgroup/cpu.max": "4800000 100000\n",
    };
    expect(found(files)).toEqual({ all: 64, own: 64, quota: 16 });
    expect(found({ ...files, "/sys/fs/cgroup/kubepods/pod1/cpu.max": "max 100000" })).toEqual({ all: 64, own: 64, quota: 48 });
  });

  test("cgroups 2 of a container that does not see its own path", () => {
    expect(found({ "/proc/self/cgroup": "0::/kubepods/x\n", "/sys/fs/cgroup/cpu.max": "250000 100000" }).quota).toBe(2.5);
  });

  test("cgroups 1: quota and period are files of their own", () => {
    const proc = "9:name=systemd:/\n4:cpu,cpuacct:/docker/a\n3:cpuset:/docker/a\n0::/\n";
    const quota = {
      "/sys/fs/cgroup/cpu/docker/a/cpu.cfs_quota_us": "200000\n",
      "/sys/fs/cgroup/cpu/docker/a/cpu.cfs_period_us": "100000\n",
    };
    const none = { "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n" };
    expect(found({ "/proc/self/cgroup": proc, ...quota, ...none })).toEqual({ all: 64, own: 64, quota: 2 });
    expect(found({ "/proc/self/cgroup": proc, ...none })).toEqual({ all: 64, own: 64 });
  });

  test("a container's set of cores is not a tie of one process", () => {
    const set = { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpuset.cpus.effective": "0-3,8,10-11\n" };
    const cores = coresHere((file) => (set as Record<string, string>)[file], { all: 64, own: 7 });
    expect(cores).toEqual({ all: 7, own: 7 });
    expect(shareOfCores(2, cores)).toBe(3);
  });

  test("nothing, on other systems", () => {
    expect(found({})).toEqual({ all: 64, own: 64 });
  });
});
