import { hostname } from "node:os";
import { beforeAll, describe, expect, test } from "vitest";
import { freePort, printed, runChild } from "../testing/index.js";

/** What a process says that tries to join, some times one after another; and how long each took. */
const tries = `
  import { createServer } from "node:net";
  const place = { localRank: 0, localSize: 1, masterAddress: "127.0.0.1", launcher: "a test" };
  const said = [];
  const join = async (world, options) => {
    const start = performance.now();
    const text = await torch.distributed.ProcessGroup.join({ ...place, ...world }, options).then(() => "joined", ({ name, message }) => name + ": " + message);
    said.push([text, performance.now() - start]);
  };
  const taken = createServer().listen(0);
  await new Promise((resolve) => taken.on("listening", resolve));
  await join({ rank: 0, size: 2, masterPort: taken.address().port });
  await join({ rank: 1, size: 2, masterPort: taken.address().port, joinMs: 1000 });
  await join({ rank: 0, size: 4, masterPort: PORTS[0], joinMs: 3000 });
  await join({ rank: 1, size: 2, masterPort: PORTS[1], joinMs: 200 });
  await join({ rank: 0, size: 2, masterPort: PORTS[1] }, { signal: AbortSignal.timeout(200) });
  await join({ rank: 1, size: 2, masterPort: PORTS[2] }, { signal: AbortSignal.timeout(200) });
  console.log(JSON.stringify(said));
  process.exit();
`;

const WAITS_LONGER = "--join-timeout SEC waits longer.";

describe("a process that does not find the others", () => {
  const said: [text: string, ms: number][] = [];
  let ports: number[] = [];
  beforeAll(async () => {
    ports = await Promise.all([freePort(), freePort(), freePort()]);
    const child = await runChild(tries.replaceAll("PORTS", JSON.stringify(ports)));
    expect(child.stderr).toBe(""); // libtorch writes no log of its own
    said.push(...printed<typeof said>([child])[0]!);
  });
  const on = hostname();

  test("because another program has rank 0's port, says what to do about it", () => {
    const [text] = said[0]!;
    expect(text.replace(/\d{4,}/, "PORT")).toBe(
      `InputError: rank 0 cannot listen at port PORT of ${on} (address already in use). Name another port, the same for all processes: --master-port, or MASTER_PORT in their environment.`,
    );
  });

  test("but another program in its place, says so", () => {
    expect(said[1]![0].replace(/\d{4,}/, "PORT")).toBe(
      `GroupFailure: rank 1 of 2 on ${on}: no store of rank 0 answers at 127.0.0.1:PORT. See what rank 0 says last; if another program has the port, name another, the same for all processes: --master-port, MASTER_PORT.`,
    );
  });

  test("names those who have not come", () => {
    expect(said[2]![0]).toBe(
      `GroupFailure: rank 0 of 4 on ${on}: 1 of 4 processes have come within 3 seconds; missing: ranks 1, 2, 3. See what each of them says, or whether it was started; ${WAITS_LONGER}`,
    );
  });

  test("says where rank 0 was not to be reached", () => {
    expect(said[3]![0]).toBe(
      `GroupFailure: rank 1 of 2 on ${on}: rank 0 was not to be reached at 127.0.0.1:${ports[1]} within 0.2 seconds (ECONNREFUSED). See what rank 0 says, and that this address leads to it (--master-addr, MASTER_ADDR); ${WAITS_LONGER}`,
    );
  });

  test.each([0, 1])("is stopped at once: rank %i", (rank) => {
    const [text, ms] = said[4 + rank]!;
    expect(text).toBe(`AbortError: rank ${rank} of 2 on ${on} was stopped while it waited for the others: nothing was begun`);
    expect(ms).toBeLessThan(60_000); // the limit is ten minutes
  });
});

test("a group meets again at the port of one that has just been killed", async () => {
  const port = await freePort();
  const pair = () =>
    Promise.all(
      [0, 1].map((rank) => {
        const world = { rank, size: 2, localRank: rank, localSize: 2, masterAddress: "127.0.0.1", masterPort: port, launcher: "a test" };
        return runChild(`
          const group = await torch.distributed.ProcessGroup.join(${JSON.stringify(world)}, { joinMs: 20_000, timeoutMs: 20_000 });
          await group.barrier();
          process.kill(process.pid, "SIGKILL");`);
      }),
    );
  for (let i = 0; i < 2; i++)
    expect((await pair()).map(({ signal, stderr }) => [signal, stderr])).toEqual(new Array(2).fill(["SIGKILL", ""]));
});
