import { describe, expect, test } from "vitest";
import { type End, failureText } from "./failure.js";

const end = (rank: number, more: Partial<End> = {}): End => {
  const place = { pid: 40 + rank, host: "node-b", at: rank };
  return { rank, ...place, code: 1, signal: null, interrupted: false, said: undefined, lost: false, ...more };
};
const GOES_ON = "A training run goes on from its last checkpoint with --resume.\n";

describe("where all processes of this machine have lost another", () => {
  const all = [2, 3].map((rank) => end(rank, { lost: true, said: `rank ${rank}: the peer 10.0.0.1 has closed the connection` }));
  const said = all.map(({ rank, said }) => `[${rank}] ${said}\n`).join("");

  test("that one runs elsewhere, if any do", () => {
    const sentence =
      "A process of another machine was lost, or has not come: the launcher there says why. Here rank 2 on node-b (process 42) noticed first";
    expect(failureText(all[0]!, all, { isPart: true })).toBe(`${said}${sentence}, and all were stopped. ${GOES_ON}`);
  });

  test("the first is named, if none do", () => {
    const sentence = "rank 2 on node-b (process 42) failed with exit code 1, and the other process was stopped.";
    expect(failureText(all[0]!, all)).toBe(`${said}${sentence} ${GOES_ON}`);
  });
});

test("who fails here is named, though others run elsewhere", () => {
  const first = end(2, { signal: "SIGKILL", code: null });
  const text = failureText(first, [first, end(3, { lost: true, said: "lost rank 2" })], { isPart: true });
  expect(text).toBe(`rank 2 on node-b (process 42) was killed by SIGKILL, and the other process was stopped. ${GOES_ON}`);
});

test("who was stopped for it has nothing to say", () => {
  const first = end(0, { code: 2, said: "no such port" });
  expect(failureText(first, [first, end(1, { code: 130, interrupted: true, said: "rank 1 was stopped" })])).toBe("");
});
