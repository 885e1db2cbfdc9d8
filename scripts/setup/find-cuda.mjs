import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

/** What libtorch's headers for CUDA and NCCL include; toolkits and wheels lay them into one folder or into several. */
const HEADERS = ["cuda_runtime.h", "crt/host_defines.h", "cublas_v2.h", "cusparse.h", "cusolverDn.h", "nccl.h"];

/**
 * The folders with CUDA's and NCCL's headers for a libtorch that was built with CUDA: those of the wheels that stand beside a Python
 * `torch`, of $CUDA_HOME and of the usual places, in this order.
 *
 * @returns `{ include, missing }`: folders for the compiler, and the headers that none of them has
 */
export function findCuda(libtorch, { env = process.env, toolkits = ["/usr/local/cuda", "/usr"] } = {}) {
  const folders = [
    ...wheels(dirname(libtorch)),
    ...[env.CUDA_HOME, env.NCCL_HOME, ...toolkits].filter(Boolean).map((dir) => join(dir, "include")),
  ];
  const include = new Set();
  const missing = HEADERS.filter((header) => {
    const folder = folders.find((candidate) => existsSync(join(candidate, header)));
    if (folder) include.add(folder);
    return !folder;
  });
  return { include: [...include], missing };
}

/** `site-packages/nvidia/cu13/include`, `…/nccl/include`, … */
function wheels(sitePackages) {
  const nvidia = join(sitePackages, "nvidia");
  return existsSync(nvidia) ? readdirSync(nvidia).map((name) => join(nvidia, name, "include")) : [];
}
