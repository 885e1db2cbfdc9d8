import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { join, relative } from "node:path";
import { ask, duration, run, say } from "./say.mjs";

const BYTES_PER_COMPILER = 1.5e9; // libtorch's headers are large: one compiler process takes more than a gigabyte

/**
 * Builds the addon against a libtorch where it is not built yet, and makes it the current one:
 * packages/torch/build/current.json = `{ version, libtorch, addon, sources }`.
 * Each libtorch version keeps its own folder, so going from one to the other and back builds nothing.
 * @returns whether anything changed
 */
export async function buildAddon(root, libtorch, { log }) {
  const torch = join(root, "packages", "torch");
  const build = join(torch, "build");
  const output = join(build, libtorch.version);
  const sources = sourcesHash(torch, libtorch);
  const addon = join(output, "singleshot.node");
  const stamp = join(output, "sources.txt");
  const isBuilt = existsSync(addon) && existsSync(stamp) && readFileSync(stamp, "utf8") === sources;
  if (!isBuilt) {
    await compile(root, libtorch, { torch, output, log });
    writeAtomically(stamp, sources);
  }
  const current = { version: libtorch.version, libtorch: libtorch.dir, addon: relative(build, addon), sources };
  return pointTo(join(build, "current.json"), current) || !isBuilt;
}

/** SHA-256 of all that decides what the addon is: its sources and the libtorch it is linked with. */
function sourcesHash(torch, { version, lib, cxx11Abi, cuda }) {
  const files = readdirSync(join(torch, "native"), { recursive: true }).map((name) => join("native", name));
  const sources = ["CMakeLists.txt", ...files.filter((name) => /\.(cc|h|cmake|txt)$/.test(name)).sort()];
  const hash = createHash("sha256").update(JSON.stringify([version, lib, cxx11Abi, cuda]));
  for (const name of sources) hash.update(`\0${name}\0`).update(readFileSync(join(torch, name)));
  return hash.digest("hex");
}

async function compile(root, { version, include, lib, cxx11Abi, cuda }, { torch, output, log }) {
  if (cuda?.missing.length > 0)
    say("warning", `this libtorch computes on CUDA, but ${cuda.missing.join(", ")} cannot be found: built without NCCL (set CUDA_HOME)`);
  say("addon", `compiling packages/torch/native against libtorch ${version} (half a minute or so)`);
  const cmake = join(output, "cmake");
  if (!isConfiguredFor(cmake, torch, lib)) rmSync(cmake, { recursive: true, force: true }); // CMake keeps what it found the first time
  mkdirSync(output, { recursive: true });
  const settings = {
    LIBTORCH_INCLUDE: include.join(";"),
    LIBTORCH_LIB: lib,
    LIBTORCH_VERSION: version,
    CUDA_INCLUDE: cuda?.missing.length === 0 ? cuda.include.join(";") : "",
    NODE_API_INCLUDE: join(root, "node_modules", "node-api-headers", "include"),
    OUTPUT_DIR: output,
    CMAKE_BUILD_TYPE: "Release",
    CMAKE_CXX_FLAGS: cxx11Abi ? "" : "-D_GLIBCXX_USE_CXX11_ABI=0",
  };
  const defines = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  const configured = await run("addon", ["cmake", "-S", torch, "-B", cmake, ...defines], { log });
  const built = await run("addon", ["cmake", "--build", cmake, "--parallel", String(compilers())], { log });
  say("addon", `built (${duration(configured + built)})`);
}

/** With another libtorch, or in a folder that was moved since, it has to begin anew. */
const isConfiguredFor = (cmake, torch, lib) =>
  [`LIBTORCH_LIB:UNINITIALIZED=${lib}`, `CMAKE_HOME_DIRECTORY:INTERNAL=${torch}`].every(
    (line) => ask("grep", ["-qxF", line, join(cmake, "CMakeCache.txt")]) !== undefined,
  );

const compilers = () => Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / BYTES_PER_COMPILER)));

/** Writes the record of the current addon unless it says so already. Returns whether it wrote. */
function pointTo(file, current) {
  const text = `${JSON.stringify(current, null, 2)}\n`;
  if (existsSync(file) && readFileSync(file, "utf8") === text) return false;
  writeAtomically(file, text);
  return true;
}

function writeAtomically(file, text) {
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

/** Compiles all TypeScript packages; what is current is left alone. Returns whether anything was written. */
export async function compileTypeScript(root, { log }) {
  const packages = readdirSync(join(root, "packages")).map((name) => join("packages", name));
  const projects = packages.filter((name) => existsSync(join(root, name, "tsconfig.json")));
  const before = outputState(root, projects);
  const took = await run("TypeScript", [join("node_modules", ".bin", "tsc"), "--build", ...projects], { cwd: root, log });
  if (outputState(root, projects) === before) return false;
  say("TypeScript", `compiled ${projects.length} packages (${duration(took)})`);
  return true;
}

/** tsc rewrites a project's .tsbuildinfo when it has done something: their contents tell whether it has. */
function outputState(root, projects) {
  const files = projects.map((name) => join(root, name, "tsconfig.tsbuildinfo"));
  return files.map((file) => (existsSync(file) ? createHash("sha256").update(readFileSync(file)).digest("hex") : "none")).join();
}
