import { expect, test, vi } from "vitest";
import { interruption } from "./interruption.js";

test("the first Ctrl-C asks to stop, its echo is let pass, a second one ends at once", () => {
  let now = 0;
  const [onFirst, exit] = [vi.fn(), vi.fn()];
  const { signal, release } = interruption(onFirst, { now: () => now, exit });
  process.emit("SIGINT");
  now = 300;
  process.emit("SIGINT"); // npx passes on what the command got already
  expect([signal.aborted, onFirst.mock.calls.length, exit.mock.calls.length]).toEqual([true, 1, 0]);
  now = 2000;
  process.emit("SIGTERM");
  expect(exit).toHaveBeenCalledWith(130);
  const listeners = process.listenerCount("SIGINT");
  release();
  expect(process.listenerCount("SIGINT")).toBe(listeners - 1);
});
