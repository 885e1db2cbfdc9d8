import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { withLock } from "./lock.js";

const base = mkdtempSync(join(tmpdir(), "singleshot-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const folder = (name: string) => join(base, name);
const write = (name: string, owner: object | string) => {
  const root = folder(name);
  return withLock(root, async () => {}).then(() => {
    writeFileSync(join(root, ".lock"), typeof owner === "string" ? owner : JSON.stringify(owner));
    return root;
  });
};
const free = (root: string) => withLock(root, async () => "done");

test("two at once in one folder: the second is told who the first is; afterwards the folder is free", async () => {
  const root = folder("taken");
  await withLock(root, async () => {
    await expect(free(root)).rejects.toThrow(
      `${root}: process ${process.pid} is training into this folder. Wait for it, stop it, or name another --out.`,
    );
  });
  expect(existsSync(join(root, ".lock"))).toBe(false);
  expect(await free(root)).toBe("done");
});

test("a lock is let go also where the work fails", async () => {
  const root = folder("failed");
  await expect(withLock(root, async () => Promise.reject(new Error("no luck")))).rejects.toThrow("no luck");
  expect(await free(root)).toBe("done");
});

test("a process that lives holds its lock, one that was killed does not", async () => {
  const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  const own = { pid: other.pid, host: hostname() };
  const root = await write("other", { ...own, began: null });
  if (process.platform === "linux") expect(await free(root), "a later process of the same number").toBe("done");
  other.kill("SIGKILL");
  await once(other, "exit");
  expect(await free(await write("killed", { ...own, began: null }))).toBe("done");
});

test("a lock from another machine holds; one that was cut off does not", async () => {
  const root = await write("far", { pid: 7, host: "elsewhere", began: null });
  await expect(free(root)).rejects.toThrow(
    `${root}: process 7 on elsewhere is training into this folder. Wait for it, name another --out, or remove ${root}/.lock if that machine is gone.`,
  );
  expect(await free(await write("stump", '{"pid":'))).toBe("done");
});
