import type { World } from "@singleshot/torch/world";
import { afterEach, describe, expect, test, vi } from "vitest";
import { screen } from "../testing/screen.js";
import { openTerminal } from "./terminal.js";
import { tellWorld } from "./world.js";

afterEach(() => vi.unstubAllEnvs());

test("text goes to standard output, warnings to standard error, and the moving line makes room", () => {
  vi.stubEnv("NO_COLOR", "");
  const [out, error] = [screen(), screen(60)];
  const terminal = openTerminal({ out, error });
  terminal.progress.show(0, "on its way");
  terminal.say("a result");
  terminal.warn("a warning");
  expect(out.text()).toBe("a result\n");
  expect(error.text()).toBe("\r\u001b[K──────────────────────── on its way\r\u001b[Ka warning\n");
});

test("with JSON on standard output all text goes to standard error", () => {
  const [out, error] = [screen(), screen()];
  openTerminal({ json: true, out, error }).say("a result");
  expect([out.text(), error.text()]).toEqual(["", "a result\n"]);
});

test("colours are for terminals, and for those who want them", () => {
  vi.stubEnv("NO_COLOR", "");
  vi.stubEnv("TERM", "xterm");
  expect(openTerminal({ out: screen(80) }).style.green("ok")).toBe("\u001b[32mok\u001b[39m");
  expect(openTerminal({ out: screen() }).style.green("ok")).toBe("ok");
  vi.stubEnv("NO_COLOR", "1");
  expect(openTerminal({ out: screen(80) }).style.green("ok")).toBe("ok");
});

describe("of several processes", () => {
  const world = (more: Partial<World>): World => {
    const place = { masterAddress: "127.0.0.1", masterPort: 29500, launcher: "torchrun" };
    return { rank: 1, size: 4, localRank: 1, localSize: 4, ...place, ...more };
  };

  test("rank 0 alone speaks; another warns with its number, unless its launcher puts it there", () => {
    const said = (more: Partial<World>) => {
      const [out, error] = [screen(), screen(60)];
      const terminal = openTerminal({ out, error, world: world(more) });
      terminal.say("a result");
      terminal.note("what all of them would say");
      terminal.progress.show(0, "on its way");
      terminal.progress.clear();
      terminal.warn("a warning\nof two lines");
      return [out.text(), error.text()];
    };
    expect(said({})).toEqual(["", "[1] a warning\n[1] of two lines\n"]);
    expect(said({ launcher: "singleshot launch" })).toEqual(["", "a warning\nof two lines\n"]);
    expect(said({ rank: 0 })[0]).toBe("a result\n");
  });

  test("it says which one it is, of how many, by whom, and where they meet", () => {
    vi.stubEnv("OMP_NUM_THREADS", "2");
    const said = (more: Partial<World>, threads?: number) => {
      const out = screen();
      tellWorld(world({ rank: 0, ...more }), threads, openTerminal({ out }));
      return out.text();
    };
    expect(said({})).toBe("rank 0 of 4 (torchrun), master 127.0.0.1:29500, 2 threads each\n");
    expect(said({ masterAddress: "fe80::1" }, 1)).toBe("rank 0 of 4 (torchrun), master [fe80::1]:29500, 1 thread each\n");
  });
});
