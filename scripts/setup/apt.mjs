import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { ask, duration, exists, NeedsYou, run, say } from "./say.mjs";

/** What each need is called in Debian. OpenBLAS is named because libtorch alone brings the reference BLAS, 15 to 25 times slower. */
const PACKAGES = {
  libtorch: ["libtorch-dev", "libgloo-dev", "libopenblas0-pthread"],
  compiler: ["g++", "cmake", "make"],
};
/** What apt-get reports on a bare Debian 12; a machine that has some of it already needs less. */
const SIZES = {
  libtorch: "240 MB to download, 1.0 GB on disk",
  compiler: "90 MB to download, 350 MB on disk",
  "libtorch,compiler": "310 MB to download, 1.3 GB on disk",
};

/** Which tools of the build are missing: "a C++ compiler", "cmake", "make". */
export function missingTools() {
  const compiler = ["c++", "g++", "clang++"].some(exists) ? [] : ["a C++ compiler"];
  return [...compiler, ...["cmake", "make"].filter((tool) => !exists(tool))];
}

export const hasApt = () => exists("apt-get");

const aptLine = (packages) => `apt-get install -y --no-install-recommends ${packages.join(" ")}`;

/**
 * Installs Debian packages by apt-get, as root or through sudo, and says so first.
 * @param needs keys of PACKAGES
 * @param why   what is missing, for the user
 * @throws NeedsYou with the line to type where neither root nor sudo is at hand
 */
export async function installByApt(needs, { why, log }) {
  const packages = needs.flatMap((need) => PACKAGES[need]);
  const size = SIZES[needs.join()];
  const sudo = sudoPrefix();
  if (!sudo)
    throw new NeedsYou(`${why}.\nRun this line once (at most ${size}), then the same command again:\n\n  ${lineToType(packages)}\n`);
  say("packages", `${why}; running, once (at most ${size}):`);
  say("", [...sudo, aptLine(packages)].join(" "));
  const options = { log, interactive: sudo.length === 1, env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  const update = await run("packages", [...sudo, "apt-get", "update"], options);
  const install = await run("packages", [...sudo, ...aptLine(packages).split(" ")], options);
  say("packages", `installed (${duration(update + install)})`);
}

function lineToType(packages) {
  if (exists("sudo")) return `sudo apt-get update && sudo ${aptLine(packages)}`;
  return `su -c 'apt-get update && ${aptLine(packages)}'`;
}

/** The words before a command that needs root; undefined where it cannot be had without asking somebody who is not there. */
function sudoPrefix() {
  if (process.getuid?.() === 0) return [];
  if (!exists("sudo")) return undefined;
  if (ask("sudo", ["-n", "true"]) !== undefined) return ["sudo", "-n"];
  return process.stdin.isTTY ? ["sudo"] : undefined;
}

/**
 * The sentence to print where the system's libtorch computes with the reference BLAS, else undefined.
 * Wheels carry their own BLAS; only libraries under /usr take the one that the system's `libblas.so.3` leads to.
 */
export function slowBlas({ lib }) {
  const blas = join(lib, "libblas.so.3");
  if (!lib.startsWith("/usr/lib") || !existsSync(blas)) return undefined;
  if (/openblas|blis|mkl|atlas/.test(realpathSync(blas))) return undefined;
  return `libtorch computes with the reference BLAS: matrix products take 15 to 25 times longer. To mend it: ${lineToType(["libopenblas0-pthread"])}`;
}
