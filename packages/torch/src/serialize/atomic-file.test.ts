import { spawn, spawnSync } from "node:child_process";
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { removeTemporaryFiles, writeFileAtomic } from "@singleshot/base/atomic-file";
import { fuzzCount } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { isRawTensor } from "./pickle/index.js";
import { contiguousBytes } from "./raw-tensor.js";
import { readCheckpoint } from "./read-checkpoint.js";
import { temporaryFolder } from "./testing/files.js";

const base = temporaryFolder();
const writeForever = fileURLToPath(new URL("./testing/write-forever.js", import.meta.url));
const kills = fuzzCount(6);

function freshFolder(): string {
  return mkdtempSync(join(base, "folder-"));
}

describe("a file appears whole", () => {
  test("from text, bytes and pieces", () => {
    const folder = freshFolder();
    function* pieces() {
      yield Buffer.from("three ");
      yield new Uint8Array();
      yield Buffer.from("four");
    }
    for (const [content, text] of [
      ["größe", "größe"],
      [Buffer.from("two"), "two"],
      [pieces(), "three four"],
      ["", ""],
    ] as const) {
      writeFileAtomic(join(folder, "file"), content);
      expect(readFileSync(join(folder, "file"), "utf8")).toBe(text);
    }
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  test("under a name of 250 letters with spaces, beside one in no folder", () => {
    const folder = freshFolder();
    const name = "a b".repeat(83).slice(0, 250);
    writeFileAtomic(join(folder, name), "x");
    expect(readdirSync(folder)).toEqual([name]);
  });

  test("a link of its name is replaced, what it led to stays", () => {
    const folder = freshFolder();
    writeFileSync(join(folder, "precious"), "old");
    symlinkSync("precious", join(folder, "best"));
    writeFileAtomic(join(folder, "best"), "new");
    expect(readFileSync(join(folder, "precious"), "utf8")).toBe("old");
    expect(lstatSync(join(folder, "best")).isFile()).toBe(true);
  });
});

describe("what goes wrong leaves the old file and no stump", () => {
  test("an error of the one who makes the pieces passes through", () => {
    const folder = freshFolder();
    writeFileSync(join(folder, "file"), "old");
    function* pieces() {
      yield Buffer.from("half");
      throw new TypeError("ours");
    }
    expect(() => writeFileAtomic(join(folder, "file"), pieces())).toThrow(new TypeError("ours"));
    expect(readdirSync(folder)).toEqual(["file"]);
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("old");
  });

  test("a missing folder, a folder of the name, a file as folder are InputErrors", () => {
    const folder = freshFolder();
    mkdirSync(join(folder, "taken"));
    writeFileSync(join(folder, "file"), "");
    const messages = {
      "none/x": "the folder does not exist. Make it first.",
      taken: "a folder has this name. Remove it or use another name.",
    };
    for (const [name, message] of Object.entries({
      ...messages,
      "file/x": "a part of the path is a file, not a folder. Write elsewhere.",
    })) {
      const path = join(folder, name);
      expect(() => writeFileAtomic(path, "x")).toThrow(expect.objectContaining({ name: "InputError", message: `${path}: ${message}` }));
    }
    expect(readdirSync(folder)).toEqual(["file", "taken"]);
  });

  test("a file-size limit, as a full disk, is an InputError", () => {
    const folder = freshFolder();
    const path = join(folder, "last.pth");
    expect(spawnSync(process.execPath, [writeForever, path, "1"]).status).toBe(0);
    const before = readFileSync(path);
    const limited = spawnSync("sh", ["-c", 'ulimit -f 2000; exec "$0" "$@"', process.execPath, writeForever, path, "9"], {
      encoding: "utf8",
    });
    expect(limited.stderr).toContain(
      `InputError: ${path}: the file would be larger than the limit for files. Raise the limit (ulimit -f) or write elsewhere.`,
    );
    expect(readdirSync(folder)).toEqual(["last.pth"]);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("a folder that may not be written to is an InputError", () => {
    const folder = freshFolder();
    for (const open of [base, folder]) chmodSync(open, 0o755);
    chmodSync(folder, 0o555);
    const nobody = process.getuid?.() === 0 ? ["65534"] : []; // root may write anywhere
    const path = join(folder, "last.pth");
    const child = spawnSync(process.execPath, [writeForever, path, "1", ...nobody], { encoding: "utf8" });
    expect(child.stderr).toContain(`InputError: ${path}: no permission to write in this folder`);
    expect(readdirSync(folder)).toEqual([]);
  });
});

test(`${kills} kills while writing: the file is always whole`, { timeout: 10_000 * kills }, async () => {
  const folder = freshFolder();
  const path = join(folder, "last.pth");
  for (let i = 0; i < kills; i++) {
    await killAfter(3 + i, [writeForever, path, "1000000"]);
    const turn = (readCheckpoint(path) as Map<string, unknown>).get("turn");
    if (!isRawTensor(turn)) throw new Error("not a tensor");
    const bytes = contiguousBytes(turn);
    expect(bytes.every((byte) => byte === bytes[0])).toBe(true);
  }
  expect(readdirSync(folder)).toContain("last.pth");
  removeTemporaryFiles(folder);
  expect(readdirSync(folder)).toEqual(["last.pth"]);
});

/** Kills a child that prints a dot for each file written, somewhere in the one after these. */
function killAfter(dots: number, command: string[]): Promise<void> {
  const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "inherit"] });
  let seen = 0;
  child.stdout.on("data", (data: Buffer) => {
    seen += data.length;
    if (seen >= dots) setTimeout(() => child.kill("SIGKILL"), (seen * 7) % 20);
  });
  return new Promise((resolve) => child.on("exit", () => resolve()));
}
