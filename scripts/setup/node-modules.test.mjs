import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isInstalled } from "./node-modules.mjs";

let root;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "node-modules-"));
  mkdirSync(join(root, "node_modules"));
});
afterEach(() => rmSync(root, { recursive: true }));

const wanted = {
  "": { name: "root" },
  "node_modules/zod": { version: "4.0.0" },
  "node_modules/other-platform": { version: "1.0.0", optional: true },
  "packages/cli": { version: "0.1.0", bin: { singleshot: "bin/singleshot.mjs" } },
};
const { "": _, "node_modules/other-platform": __, ...complete } = wanted;

function isInstalledWith(packages) {
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages: wanted }));
  writeFileSync(join(root, "node_modules", ".package-lock.json"), JSON.stringify({ packages }));
  return isInstalled(root);
}

test("what the lock file names is there, but for optional packages of other platforms", () => {
  expect(isInstalledWith(complete)).toBe(true);
});

test("a missing package, another version and a program that is not linked are noticed", () => {
  expect(isInstalledWith({})).toBe(false);
  expect(isInstalledWith({ ...complete, "node_modules/zod": { version: "3.9.9" } })).toBe(false);
  expect(isInstalledWith({ ...complete, "packages/cli": { version: "0.1.0" } })).toBe(false);
});

test("a checkout without node_modules is not installed", () => {
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages: wanted }));
  expect(isInstalled(root)).toBe(false);
});
