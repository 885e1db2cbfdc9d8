// Loaded before the program (`node --import`), kills its process from within at a chosen moment of its work with the disk:
// KILL_AT="write 420" in the middle of the 420th piece that goes into checkpoints, "line 3" behind the third line of metrics.jsonl.
// With KILL_COUNT=FILE it kills nothing and leaves the number of such pieces in the file.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { isMainThread } from "node:worker_threads";

const [moment, number] = (process.env.KILL_AT ?? "").split(" ");
const { KILL_COUNT } = process.env;
const { openSync, writeSync, appendFileSync, writeFileSync } = fs;
const die = () => process.kill(process.pid, "SIGKILL");
const checkpoints = new Set<number>();
let writes = 0;
let lines = 0;

fs.openSync = (path, ...rest) => {
  const descriptor = openSync(path, ...rest);
  if (/checkpoints.[.]singleshot-.*tmp$/.test(String(path))) checkpoints.add(descriptor);
  else checkpoints.delete(descriptor);
  return descriptor;
};

fs.writeSync = ((descriptor: number, bytes: Uint8Array, offset: number, length: number) => {
  if (!checkpoints.has(descriptor)) return writeSync(descriptor, bytes, offset, length);
  writes++;
  if (moment === "write" && writes === Number(number)) {
    writeSync(descriptor, bytes, offset, Math.floor(length / 2));
    die();
  }
  return writeSync(descriptor, bytes, offset, length);
}) as typeof fs.writeSync;

fs.appendFileSync = (path, ...rest) => {
  appendFileSync(path, ...rest);
  if (!String(path).endsWith("metrics.jsonl")) return;
  lines++;
  if (moment === "line" && lines === Number(number)) die();
};

if (isMainThread) {
  syncBuiltinESMExports();
  if (KILL_COUNT) process.on("exit", () => writeFileSync(KILL_COUNT, String(writes)));
}
