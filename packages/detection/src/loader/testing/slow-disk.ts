/** Loaded before a program: every file that it reads comes late, each by a time of its own. Threads inherit it. */
import { promises } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { setTimeout } from "node:timers/promises";

const { readFile } = promises;
promises.readFile = (async (...args: Parameters<typeof readFile>) => {
  await setTimeout(60 * Math.random() ** 3); // mostly a little, now and then much
  return readFile(...args);
}) as typeof readFile;
syncBuiltinESMExports();
