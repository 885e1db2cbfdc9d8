import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { findCuda } from "./find-cuda.mjs";
import { ask, NeedsYou } from "./say.mjs";

const TRIPLET = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" }[process.arch] ?? "";
const LIBRARY_FOLDERS = ["lib", join("lib", TRIPLET), "lib64"];
const LIBRARIES = ["libtorch_cpu.so", "libtorch_cpu.dylib"];
const VERSION_HEADERS = ["torch/headeronly/version.h", "torch/csrc/api/include/torch/version.h"];
const OLDEST = [1, 13];

/**
 * Reads what a folder holds of libtorch: a Python `torch` folder, an unpacked libtorch archive or a prefix such as `/usr`.
 *
 * @returns `{ dir, include, lib, version, cxx11Abi, cuda }`, or undefined where headers or libraries are missing.
 * `include` are the folders for the compiler; `cxx11Abi` is false for the wheels before 2.6 that were built with the old std::string;
 * `cuda` is what `findCuda` tells, for a libtorch that was built with CUDA alone.
 */
export function describeLibtorch(dir) {
  const headers = join(dir, "include");
  const lib = LIBRARY_FOLDERS.map((folder) => join(dir, folder)).find((folder) => LIBRARIES.some((name) => existsSync(join(folder, name))));
  const version = readVersion(headers);
  if (!lib || !version || !existsSync(join(headers, "ATen", "ATen.h"))) return undefined;
  const include = [headers, join(headers, "torch", "csrc", "api", "include")];
  const cuda = existsSync(join(lib, "libtorch_cuda.so")) && { cuda: findCuda(dir) };
  return { dir, include, lib, version, cxx11Abi: hasCxx11Abi(lib), ...cuda };
}

/** "1.13.0" from TORCH_VERSION_MAJOR, _MINOR and _PATCH; undefined where no header states them. */
function readVersion(headers) {
  for (const name of VERSION_HEADERS) {
    const file = join(headers, name);
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    const numbers = ["MAJOR", "MINOR", "PATCH"].map((part) => text.match(new RegExp(`#define TORCH_VERSION_${part} (\\d+)`))?.[1]);
    if (numbers.every(Boolean)) return numbers.join(".");
  }
  return undefined;
}

/** c10's exported names say which std::string it was compiled with; nothing else in a wheel does without running Python. */
function hasCxx11Abi(lib) {
  const file = join(lib, "libc10.so");
  return !existsSync(file) || readFileSync(file).includes("__cxx11");
}

/**
 * The places where libtorch may be, in the order in which they count.
 * A place is `{ source, dir, insist }`; `insist` marks one that the user named, so that nothing else is taken in its stead.
 */
export function places({ root, env = process.env, pythonTorch = activePythonTorch, prefixes = ["/usr", "/usr/local", "/opt/homebrew"] }) {
  const system = prefixes.map((dir) => ({ source: "the system's", dir }));
  const named = env.LIBTORCH ? [{ source: "$LIBTORCH", dir: resolve(env.LIBTORCH), insist: true }] : [];
  const unpacked = { source: "unpacked here", dir: join(root, ".libtorch", "torch") };
  return [...named, unpacked, { source: "the active Python's", dir: () => pythonTorch(env) }, ...system];
}

/** The folder of the `torch` package that `python3` would import, without importing it. */
function activePythonTorch(env) {
  const program = "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')";
  return ask("python3", ["-c", program], { env })?.trim() || undefined;
}

/**
 * The first usable libtorch among the places.
 * @returns `{ source, ...describeLibtorch() }` or undefined
 * @throws NeedsYou where a place that the user named holds none
 */
export function findLibtorch(candidates) {
  for (const { source, dir: place, insist } of candidates) {
    const dir = typeof place === "function" ? place() : place;
    const found = dir && describeLibtorch(dir);
    if (found && isSupported(found.version)) return { source, ...found };
    if (insist) throw new NeedsYou(`${source}: ${refusal(dir, found)}`);
  }
  return undefined;
}

function isSupported(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

function refusal(dir, found) {
  if (found) return `libtorch ${found.version} in ${dir} is too old. Name a folder with libtorch ${OLDEST.join(".")} or later.`;
  return `no libtorch in ${dir}. Name a folder with include/ATen and lib/libtorch_cpu.so in it, such as the folder of Python's torch package.`;
}
