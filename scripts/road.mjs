#!/usr/bin/env node
// Prints one photo's road from disk to loss, file by file, and the lines of every folder.
import { sources } from "./house/files.mjs";
import { folderLengths, lines, ROAD } from "./house/road.mjs";

const texts = sources();
const count = (number) => String(number).padStart(7);
const short = (path) => path.replace(/^packages\//, "").replace("/src", "");

console.log("One photo's road, from disk to loss:\n");
const lengths = ROAD.map((path) => lines(texts.get(path) ?? ""));
ROAD.forEach((path, i) => {
  console.log(`${count(lengths[i])}  ${short(path)}${texts.has(path) ? "" : "  (missing)"}`);
});
console.log(`${count(lengths.reduce((sum, length) => sum + length))}  together\n`);

console.log("   code  tests  files  folder\n");
const folders = folderLengths(texts);
for (const [folder, { code, tests, files }] of folders) {
  console.log(`${count(code)}${count(tests)}${count(files)}  ${short(folder)}`);
}
const total = (key) => count([...folders.values()].reduce((sum, row) => sum + row[key], 0));
console.log(`${total("code")}${total("tests")}${total("files")}  together`);
