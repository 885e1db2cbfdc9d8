import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./files.mjs";

/** Folders in which people and machines keep their own work: no file of the project may depend on one. */
const MACHINE_PATH = /(?:^|[^\w./~-])(?:\/(?:home|Users|root|work|workspace|mnt|srv)\/[\w.]|[A-Z]:\\Users\\)/;

/** Other people's data, kept byte for byte. */
const NOT_OURS = /^examples\/bccd\/Annotations\//;

const isText = (bytes) => !bytes.subarray(0, 8000).includes(0);

/** `file:line: text` of every line that names such a folder. */
function machinePaths(file, text) {
  const lines = text.split("\n").map((line, i) => ({ line, number: i + 1 }));
  return lines.filter(({ line }) => MACHINE_PATH.test(line)).map(({ line, number }) => `${file}:${number}: ${line.trim()}`);
}

function trackedTexts() {
  const files = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0");
  const present = files.filter((file) => file && !NOT_OURS.test(file) && existsSync(join(root, file)));
  const contents = present.map((file) => [file, readFileSync(join(root, file))]);
  return contents.filter(([, bytes]) => isText(bytes)).map(([file, bytes]) => [file, bytes.toString("utf8")]);
}

test("no file names a path of somebody's machine", () => {
  expect(trackedTexts().flatMap(([file, text]) => machinePaths(file, text))).toEqual([]);
});

test("such a path would be found", () => {
  const folders = ["home", "Users", "root"];
  expect(folders.flatMap((folder) => machinePaths("a.ts", `const data = "/${folder}/ann/photos";`))).toHaveLength(folders.length);
  expect(machinePaths("a.ts", 'open("../photos"); see https://example.org/home/page and packages/root/a')).toEqual([]);
});
