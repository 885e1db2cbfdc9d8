import { arch, cpus, platform, release, totalmem } from "node:os";
import { libtorchVersion, threads } from "@singleshot/torch";

/** What made the report: versions and the machine. */
export function environment(): [name: string, value: string][] {
  const processors = cpus();
  return [
    ["libtorch", libtorchVersion()],
    ["Node.js", process.versions.node],
    ["system", `${platform()} ${release()}, ${arch()}`],
    ["processor", `${processors[0]?.model.trim() ?? "unknown"}, ${processors.length} cores, ${threads()} threads used`],
    ["memory", `${(totalmem() / 2 ** 30).toFixed(1)} GiB`],
  ];
}
