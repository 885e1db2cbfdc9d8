import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";

/** A member whose launcher lets go of it before its program has been read. */
async function orphan(body: string, rank = "1") {
  const code = [
    "while (process.connected) await new Promise((resolve) => setTimeout(resolve, 5));",
    `const { endWithLauncher, tellLauncher } = await import(${JSON.stringify(new URL("./member.js", import.meta.url))});`,
    body,
  ];
  const child = spawn(process.execPath, ["--input-type=module", "-e", code.join("\n")], {
    env: { ...process.env, SINGLESHOT_LAUNCH: "1", RANK: rank },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  child.disconnect();
  const exited = new Promise((resolve) => child.on("exit", (code, signal) => resolve({ code, signal })));
  return { said: await text(child.stdout!), end: await exited };
}

test("a member whose launcher died while it started ends", async () => {
  expect(await orphan("endWithLauncher(); setTimeout(() => {}, 60_000);")).toEqual({ said: "", end: { code: null, signal: "SIGTERM" } });
});

test.each(["0", "1"])("what rank %s ends with is said by itself where its launcher is gone", async (rank) => {
  const body = 'tellLauncher({ failed: "no such picture", lost: false }, () => console.log("no such picture"));';
  expect(await orphan(body, rank)).toEqual({ said: "no such picture\n", end: { code: 0, signal: null } });
});
