import { existsSync, readFileSync, statfsSync } from "node:fs";
import { freemem } from "node:os";
import type { Check } from "./check.js";

const OLDEST_NODE = [20, 9] as const;
const ENOUGH_MEMORY = 1; // GB: ssdlite320 with 16 pictures a step takes about as much
const ENOUGH_DISK = 1; // GB: some runs with their checkpoints

export function nodeCheck(version = process.versions.node): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const ok = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  return { name: "Node.js", ok, found: version, ...(!ok && { fix: `Install Node.js ${OLDEST_NODE.join(".")} or later.` }) };
}

export function memoryCheck(available = availableMemory()): Check {
  const ok = available >= ENOUGH_MEMORY;
  const fix = "Close other programs, or train with a smaller --batch-size.";
  return { name: "memory", ok, found: `${available.toFixed(1)} GB free`, ...(!ok && { fix }) };
}

/** In GB. What the system keeps of files counts as free, which Node's own figure leaves out. */
function availableMemory(): number {
  const info = existsSync("/proc/meminfo") ? readFileSync("/proc/meminfo", "utf8") : "";
  const [, kilobytes] = /^MemAvailable:\s+(\d+) kB/m.exec(info) ?? [];
  return (kilobytes === undefined ? freemem() : 1024 * Number(kilobytes)) / 1e9;
}

export function diskCheck(free = freeDisk()): Check {
  const ok = free >= ENOUGH_DISK;
  return {
    name: "disk",
    ok,
    found: `${free.toFixed(1)} GB free in this folder`,
    ...(!ok && { fix: "Make room: a run holds two checkpoints." }),
  };
}

function freeDisk(): number {
  const { bavail, bsize } = statfsSync(".");
  return (bavail * bsize) / 1e9;
}

/** Writes a picture into memory and reads it back. */
export async function pictureCheck(): Promise<Check> {
  const name = "pictures";
  try {
    const { decodeBytes, encodePicture } = await import("@singleshot/vision/node");
    const picture = { data: Uint8Array.of(250, 0, 0, 0, 250, 0), width: 2, height: 1 };
    const { data } = await decodeBytes(await encodePicture(picture, ".png"));
    const ok = data.every((value, i) => value === picture.data[i]);
    return { name, ok, found: ok ? "are read and written" : `come back changed: ${data}`, ...(!ok && { fix: REINSTALL }) };
  } catch (error) {
    return { name, ok: false, found: (error as Error).message.split("\n")[0]!, fix: REINSTALL };
  }
}

const REINSTALL = "Install the npm packages again: `npm run setup`.";
