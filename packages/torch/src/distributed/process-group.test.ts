import { hostname } from "node:os";
import { expectClose } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { printed, runRanks } from "../testing/index.js";

describe("a group of processes", () => {
  test("sums, gathers, sends and waits, each on all ranks alike", async () => {
    const said = printed<Record<string, unknown>>(
      await runRanks(
        3,
        `
        const own = torch.tensor([group.rank + 1, 10], { dtype: "float64" });
        await group.allReduce(own);
        const largest = torch.tensor([group.rank]);
        await group.allReduce(largest, "max");
        const now = torch.tensor([group.rank]);
        group.startSum(now)();
        const texts = await group.gatherBytes(new TextEncoder().encode("x".repeat(2 * group.rank)));
        const sent = await group.broadcastBytes(group.rank === 1 ? new TextEncoder().encode("from one") : undefined, 1);
        await group.store.set("of " + group.rank, "said by " + group.rank);
        const stored = await group.store.get("of " + ((group.rank + 1) % 3));
        await group.barrier();
        console.log(JSON.stringify({
          sum: [...own.toTypedArray()], largest: largest.item(), now: now.item(), numbers: await group.gatherNumbers([group.rank, 7]),
          texts: texts.map((bytes) => new TextDecoder().decode(bytes)), sent: new TextDecoder().decode(sent), stored,
        }));
      `,
      ),
    );
    const alike = {
      ...{ sum: [6, 30], largest: 2, now: 3, texts: ["", "xx", "xxxx"], sent: "from one" },
      numbers: [
        [0, 7],
        [1, 7],
        [2, 7],
      ],
    };
    expect(said).toEqual([1, 2, 0].map((next) => ({ ...alike, stored: `said by ${next}` })));
  });

  test("leaves the event loop free while it waits", async () => {
    const [early] = printed<number>(
      await runRanks(
        2,
        `
        let ticks = 0;
        const timer = setInterval(() => ticks++, 10);
        if (group.rank === 1) await new Promise((resolve) => setTimeout(resolve, 500));
        await group.barrier();
        clearInterval(timer);
        console.log(ticks);
      `,
      ),
    );
    expect(early).toBeGreaterThan(10);
  });

  const dies = "if (group.rank === 1) process.kill(process.pid, 'SIGKILL');";
  const tells = (collective: string) => `try { ${collective} } catch (error) { console.log(JSON.stringify([error.name, error.message])); }`;
  const rows: [string, string, RegExp][] = [
    ["sum", "await group.allReduce(torch.tensor([1, 2]))", /^sum of Tensor float32 \[2\] failed \(.*peer.*\)\./],
    ["sum within a step", "group.startSum(torch.tensor([1]))()", /^sum of Tensor float32 \[1\] failed \(.*peer.*\)\./],
  ];
  test.each(rows)("says who speaks where and what has failed when a rank is killed before a %s", async (_, collective, message) => {
    const [alive, dead] = await runRanks(2, `${dies} ${tells(collective)}`);
    expect(dead!.signal).toBe("SIGKILL");
    const [name, text] = JSON.parse(alive!.stdout) as [string, string];
    const speaker = `rank 0 of 2 on ${hostname()}: `;
    expect(name).toBe("GroupFailure");
    expect(text.slice(0, speaker.length)).toBe(speaker);
    expect(text.slice(speaker.length)).toMatch(message);
    expect(text).toMatch(/ Another rank has ended or waits elsewhere: .* start all of them again, a training with --resume\.$/);
  });

  test("does not wait for a rank longer than its limit", async () => {
    const late = "if (group.rank === 1) await new Promise((resolve) => setTimeout(resolve, 4000));";
    const [waiting] = await runRanks(2, `${late} ${tells("await group.barrier()")}`, { timeoutMs: 1000 });
    expect(JSON.parse(waiting!.stdout)[1]).toMatch(/^rank 0 of 2 on .*: barrier failed \(.*[Tt]imed out.*\)/);
  });
});

describe("gradient buckets", () => {
  const plans = {
    "one bucket": {},
    "many buckets": { bucketBytes: 2000 },
    "many buckets, sent behind backward": { bucketBytes: 2000, overlap: false },
  };
  const source = `
    torch.defaultGenerator.seed(1);
    const { nn, ops, scope } = torch;
    const layers = [new nn.Conv2d(3, 8, 3), nn.relu(), new nn.Conv2d(8, 40, 3), nn.relu(), new nn.Conv2d(40, 2, 1)];
    const net = new nn.Sequential(layers).to({ format: "channelsLast" });
    const unused = new nn.Linear(2, 2);
    const parameters = [...net.parameters().values(), ...unused.parameters().values()];
    const pictures = ops.rand([5, 3, 9, 9], torch.defaultGenerator.seed(2));
    const lossOf = (from, count) => scope(() => net.forward(pictures.narrow(0, from, count)).square().sum());
    const gradients = () => [...net.parameters().values()].map(({ grad }) => [...grad.toTypedArray()]);
    lossOf(0, 5).backward();
    const whole = gradients();
    const plans = {};
    for (const [name, options] of Object.entries(${JSON.stringify(plans)})) {
      const buckets = new torch.distributed.GradientBuckets(await group.newGroup(name), parameters, options);
      const rounds = [];
      for (let round = 0; round < 2; round++) {
        net.zeroGrad();
        if (group.rank === 0) lossOf(0, 1).backward(); // a part that comes before the last one
        buckets.begin();
        if (group.rank === 0) lossOf(1, 1).backward();
        else lossOf(2, 3).backward();
        await buckets.reduced();
        rounds.push(gradients());
      }
      plans[name] = { rounds, untouched: unused.weight.grad === null, buckets: buckets.times.buckets };
      buckets[Symbol.dispose]();
    }
    console.log(JSON.stringify({ whole, plans }));
  `;
  interface Said {
    whole: number[][];
    plans: Record<string, { rounds: number[][][]; untouched: boolean; buckets: number }>;
  }

  test("hold the gradients of all pictures, the same bits on every rank", async () => {
    const said = printed<Said>(await runRanks(2, source));
    for (const { whole, plans: measured } of said) {
      for (const [name, { rounds, untouched, buckets }] of Object.entries(measured)) {
        for (const round of rounds)
          for (const [i, gradient] of round.entries()) expectClose(gradient, whole[i]!, { rtol: 1e-4, atol: 1e-4, name });
        expect(rounds[1]).toEqual(rounds[0]);
        expect(untouched).toBe(true);
        expect(buckets).toBe(name === "one bucket" ? 1 : 3);
      }
    }
    expect(said[1]!.plans).toEqual(said[0]!.plans);
  });

  test("may be let go while a sum of theirs is under way and fails", async () => {
    const [alive] = await runRanks(
      2,
      `
      if (group.rank === 1) await new Promise((resolve) => setTimeout(() => process.kill(process.pid, "SIGKILL"), 300));
      const weight = torch.tensor([1, 2]);
      weight.requiresGrad = true;
      const buckets = new torch.distributed.GradientBuckets(group, [weight]);
      buckets.begin();
      weight.sum().backward();
      const reduced = buckets.reduced();
      buckets[Symbol.dispose]();
      group.close();
      await reduced.catch(({ name }) => console.log(name));
      `,
    );
    expect(alive).toMatchObject({ code: 0, stdout: "GroupFailure\n" });
  });
});
