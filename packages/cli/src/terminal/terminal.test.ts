import { afterEach, expect, test, vi } from "vitest";
import { screen } from "../testing/screen.js";
import { openTerminal } from "./terminal.js";

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
