import { expect, test } from "vitest";
import { screen } from "../testing/screen.js";
import { liveLine } from "./live-line.js";

const ERASE = "\r\u001b[K";

test("on a terminal the line is redrawn, at most ten times a second, and taken away", () => {
  let now = 0;
  const stream = screen(40);
  const line = liveLine(stream, { now: () => now });
  for (now of [0, 50, 100, 160]) line.show(now / 200, `${now} of 200`);
  line.clear();
  line.clear();
  expect(stream.text()).toBe(`${ERASE}──────────────────────── 0 of 200${ERASE}━━━━━━━━━━━━──────────── 100 of 200${ERASE}`);
});

test.each([
  ["the bar gives way to the text", 20, "━━━━━━─ step 1 of 2"],
  ["and goes where there is no room for it", 15, "step 1 of 2"],
  ["a line never wraps", 8, "step 1 "],
])("%s", (_, columns, expected) => {
  const stream = screen(columns);
  liveLine(stream).show(0.85, "step 1 of 2");
  expect(stream.text()).toBe(ERASE + expected.slice(0, columns - 1));
});

test("in a pipe there is a plain line every ten seconds", () => {
  let now = 0;
  const stream = screen();
  const line = liveLine(stream, { now: () => now });
  for (now = 0; now <= 25_000; now += 1000) line.show(0.5, `at ${now}`);
  line.clear();
  expect(stream.text()).toBe("at 10000\nat 20000\n");
});
