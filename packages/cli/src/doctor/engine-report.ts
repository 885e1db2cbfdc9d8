// Run in a process of its own: prints what libtorch says of itself as one line of JSON.
import { existsSync, readFileSync } from "node:fs";
import { usableCores } from "@singleshot/torch/world";
import { findGpus, type Gpus } from "../gpus/index.js";

/** What libtorch says of itself. */
export interface EngineReport {
  version: string;
  threads: number;
  cores: number;
  gpus: Gpus;
  /** files, where the system tells them */
  libraries: { libtorch?: string; blas?: string };
  addon?: string;
  /** what went wrong with an operator or a gradient */
  problem?: string;
  matmulGigaflops?: number;
}

const torch = await import("@singleshot/torch");
const { selfCheck } = await import("@singleshot/torch/self-check");
const checked = attempt();
const report: EngineReport = {
  version: torch.libtorchVersion(),
  threads: torch.threads(),
  cores: usableCores(),
  gpus: findGpus(torch),
  ...checked,
  ...loadedFiles(),
};
console.log(JSON.stringify(report));

function attempt(): Pick<EngineReport, "problem" | "matmulGigaflops"> {
  try {
    return { matmulGigaflops: selfCheck().matmulGigaflops };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

/** Which files this process has loaded: Linux tells. */
function loadedFiles(): Pick<EngineReport, "libraries" | "addon"> {
  const maps = existsSync("/proc/self/maps") ? readFileSync("/proc/self/maps", "utf8") : "";
  const first = (pattern: RegExp) => pattern.exec(maps)?.[0];
  const libtorch = first(/\/.*libtorch_cpu.*/);
  const blas = first(/\/.*(openblas|mkl_rt|mkl_core|blis).*/i) ?? first(/\/.*libblas.*/);
  const addon = first(/\/.*singleshot\.node/);
  return { libraries: { ...(libtorch && { libtorch }), ...(blas && { blas }) }, ...(addon && { addon }) };
}
