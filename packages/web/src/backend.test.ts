import { expect, test } from "vitest";
import { chooseBackend } from "./backend.js";

test("threads are as many as the page may have, and it is said why", () => {
  const reasons = [
    chooseBackend(undefined, { isolated: true, secure: true, cores: 1 }),
    chooseBackend(undefined, { isolated: true, secure: true, cores: 4 }),
    chooseBackend(undefined, { isolated: true, secure: true, cores: 32 }),
    chooseBackend(2, { isolated: true, secure: true, cores: 32 }),
    chooseBackend(4, { isolated: false, secure: true, cores: 8 }),
    chooseBackend(4, { isolated: false, secure: false, cores: 8 }),
  ];
  expect(reasons.map(({ name, threads, reason }) => [name, threads, reason])).toEqual([
    ["WebAssembly", 1, "1 thread, the page is isolated and the machine has 1 core"],
    ["WebAssembly", 4, "4 threads, the page is isolated and the machine has 4 cores"],
    ["WebAssembly", 8, "8 threads, the page is isolated and the machine has 32 cores, of which more would bring nothing"],
    ["WebAssembly", 2, "2 threads, as asked for"],
    ["WebAssembly", 1, "1 thread, since the page is not cross-origin isolated: its server must send the headers COOP and COEP"],
    ["WebAssembly", 1, "1 thread, since the page is not cross-origin isolated: it must come over HTTPS or from localhost"],
  ]);
});
