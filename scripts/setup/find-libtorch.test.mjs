import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findCuda } from "./find-cuda.mjs";
import { describeLibtorch, findLibtorch, places } from "./find-libtorch.mjs";

let root;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "libtorch-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path, text = "") {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
}

/** A folder that looks like libtorch. */
function fakeLibtorch(name, { version = "2.4.1", lib = "lib", symbols = "_ZN3c105ErrorC1ENSt7__cxx1112basic_stringE", header } = {}) {
  const dir = join(root, name);
  const [major, minor, patch] = version.split(".");
  const defines = `#define TORCH_VERSION_MAJOR ${major}\n#define TORCH_VERSION_MINOR ${minor}\n#define TORCH_VERSION_PATCH ${patch}\n`;
  write(join(dir, "include", header ?? "torch/csrc/api/include/torch/version.h"), defines);
  write(join(dir, "include/ATen/ATen.h"));
  write(join(dir, lib, "libtorch_cpu.so"));
  write(join(dir, lib, "libc10.so"), symbols);
  return dir;
}

const nowhere = { env: {}, pythonTorch: () => undefined, prefixes: [] };
const find = (options) => findLibtorch(places({ root, ...nowhere, ...options }));

describe("describing a folder", () => {
  test("a folder with headers and libraries is libtorch, with its version", () => {
    const dir = fakeLibtorch("a", { version: "1.13.0" });
    const include = [join(dir, "include"), join(dir, "include/torch/csrc/api/include")];
    expect(describeLibtorch(dir)).toEqual({ dir, include, lib: join(dir, "lib"), version: "1.13.0", cxx11Abi: true });
  });

  test("the version is also read where new releases keep it", () => {
    expect(describeLibtorch(fakeLibtorch("a", { version: "2.13.0", header: "torch/headeronly/version.h" })).version).toBe("2.13.0");
  });

  test("the old std::string is recognised", () => {
    expect(describeLibtorch(fakeLibtorch("a", { symbols: "_ZN3c105ErrorC1ESs" })).cxx11Abi).toBe(false);
  });

  test("with CUDA, its headers are looked for: in the wheels beside it, then in the toolkit", () => {
    const dir = fakeLibtorch("site-packages/torch");
    expect(describeLibtorch(dir).cuda).toBeUndefined();
    write(join(dir, "lib", "libtorch_cuda.so"));
    const wheel = join(root, "site-packages/nvidia/cu13/include");
    for (const header of ["cuda_runtime.h", "crt/host_defines.h", "cublas_v2.h", "cusparse.h", "cusolverDn.h"]) write(join(wheel, header));
    expect(findCuda(dir, { env: {}, toolkits: [] })).toEqual({ include: [wheel], missing: ["nccl.h"] });
    const toolkit = join(root, "toolkit");
    write(join(toolkit, "include/nccl.h"));
    expect(findCuda(dir, { env: { CUDA_HOME: toolkit }, toolkits: [] })).toEqual({
      include: [wheel, join(toolkit, "include")],
      missing: [],
    });
  });

  test("libraries without headers are not enough", () => {
    const dir = fakeLibtorch("a");
    rmSync(join(dir, "include/ATen"), { recursive: true });
    expect(describeLibtorch(dir)).toBeUndefined();
  });
});

describe("the order of the places", () => {
  test("$LIBTORCH, then the folder unpacked here, then Python's, then the system's", () => {
    const [named, python, system] = [fakeLibtorch("named"), fakeLibtorch("python"), fakeLibtorch("system", { lib: "lib64" })];
    const unpacked = fakeLibtorch(".libtorch/torch");
    const all = { env: { LIBTORCH: named }, pythonTorch: () => python, prefixes: [system] };
    expect(find(all)).toMatchObject({ source: "$LIBTORCH", dir: named });
    expect(find({ ...all, env: {} })).toMatchObject({ source: "unpacked here", dir: unpacked });
    rmSync(unpacked, { recursive: true });
    expect(find({ ...all, env: {} })).toMatchObject({ source: "the active Python's", dir: python });
    expect(find({ prefixes: [system] })).toMatchObject({ source: "the system's", dir: system, lib: join(system, "lib64") });
    expect(find({})).toBeUndefined();
  });

  test("one that is too old is passed over", () => {
    const [old, system] = [fakeLibtorch("old", { version: "1.12.1" }), fakeLibtorch("system")];
    expect(find({ pythonTorch: () => old, prefixes: [system] }).dir).toBe(system);
  });

  test("a $LIBTORCH that holds none, or is too old, is refused by name", () => {
    const empty = join(root, "empty");
    expect(() => find({ env: { LIBTORCH: empty } })).toThrow(
      `$LIBTORCH: no libtorch in ${empty}. Name a folder with include/ATen and lib/libtorch_cpu.so in it, such as the folder of Python's torch package.`,
    );
    const old = fakeLibtorch("old", { version: "1.12.1" });
    expect(() => find({ env: { LIBTORCH: old } })).toThrow(
      `$LIBTORCH: libtorch 1.12.1 in ${old} is too old. Name a folder with libtorch 1.13 or later.`,
    );
  });
});
