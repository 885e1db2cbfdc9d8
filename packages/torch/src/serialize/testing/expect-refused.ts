import { existsSync } from "node:fs";
import { InputError } from "@singleshot/base";
import { expect } from "vitest";
import { fileOf } from "./files.js";

/** A hostile file and what is said of it. */
export type HostileFile = [name: string, bytes: () => Uint8Array, message: RegExp];

/** The file must be refused by one InputError of one line, in two seconds, without a trace of code that ran. */
export function expectRefused(folder: string, [name, bytes, message]: HostileFile, read: (path: string) => unknown): void {
  const path = fileOf(folder, name.replace(/[^a-z0-9]+/gi, "-").slice(0, 60), bytes());
  const start = process.cpuUsage(); // not the clock: the machine may be busy
  const error = thrownBy(() => read(path));
  expect(process.cpuUsage(start).user / 1e6).toBeLessThan(2);
  expect(error).toBeInstanceOf(InputError);
  expect(error?.message).toMatch(message);
  expect(error?.message.slice(0, path.length + 2)).toBe(`${path}: `);
  expect(error?.message).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,700}$/u);
  expect(existsSync("pwned-by-checkpoint")).toBe(false);
  expect(Object.keys(Object.prototype)).toEqual([]);
}

function thrownBy(run: () => unknown): Error | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
