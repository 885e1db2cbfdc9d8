import { expectClose } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { printed, runRanks } from "../testing/index.js";

/** Runs the same in two processes, with all tensors on the CPU and with those of each on a device of its own; what the ranks say. */
async function onBoth<T>(body: string): Promise<[cpu: T[], device: T[]]> {
  const source = `
    const run = async (device) => { ${body} };
    const [here, there] = ["cpu", simulatedDevice(group.rank)];
    console.log(JSON.stringify([await run(here), await run(there)]));`;
  const said = printed<[T, T]>(await runRanks(2, source));
  return [said.map(([cpu]) => cpu), said.map(([, device]) => device)];
}

describe("collectives of tensors on a device", () => {
  test("give the CPU's numbers, on the device", async () => {
    const [cpu, device] = await onBoth<{ numbers: number[]; devices: string[] }>(
      `
      const { tensor } = torch;
      const own = (shift) => tensor([[1, 2, 3], [4, 5, 6]], { device }).mul(group.rank + shift);
      const sum = own(1), largest = own(2), now = own(3), sent = own(4);
      await group.allReduce(sum);
      await group.allReduce(largest, "max");
      group.startSum(now)();
      await group.broadcast(sent, 1);
      const all = await group.allGather(own(5).transpose(0, 1));
      const results = [sum, largest, now, sent, all];
      return { numbers: results.flatMap((t) => [...t.shape, ...t.toTypedArray()]), devices: results.map((t) => t.device) };
    `,
    );
    for (const [rank, { numbers, devices }] of device.entries()) {
      expect(numbers).toEqual(cpu[rank]!.numbers);
      expect(new Set(devices)).toEqual(new Set([`privateuseone:${rank}`]));
    }
  });

  test("sum gradients in buckets while backward runs, and synchronise batch norm", async () => {
    const [cpu, device] = await onBoth<{ rounds: number[][]; statistics: number[]; device: string; counts: number[] }>(
      `
      const { nn, scope, toDevice } = torch;
      torch.defaultGenerator.seed(1);
      const net = new nn.Sequential([new nn.Conv2d(3, 8, 3), new nn.BatchNorm2d(8, { activation: "relu" }), new nn.Conv2d(8, 40, 3), new nn.Conv2d(40, 2, 1)]);
      net.to({ format: "channelsLast" }).to({ device });
      nn.synchronizeBatchNorm(net, group);
      const pictures = toDevice(torch.ops.rand([5, 3, 9, 9], torch.defaultGenerator.seed(2)).contiguous({ memoryFormat: "channelsLast" }), device);
      const own = group.rank === 0 ? pictures.narrow(0, 0, 2) : pictures.narrow(0, 2, 3);
      const [rounds, counts] = [[], []];
      const parameters = [...net.parameters().values()];
      for (const overlap of [true, false]) {
        const buckets = new torch.distributed.GradientBuckets(await group.newGroup((device === "cpu") + " " + overlap), parameters, { bucketBytes: 2000, overlap });
        net.zeroGrad();
        buckets.begin();
        scope(() => net.forward(own).square().sum()).backward();
        await buckets.reduced();
        rounds.push(parameters.flatMap(({ grad }) => [...grad.toTypedArray()]));
        counts.push(buckets.times.buckets);
        buckets[Symbol.dispose]();
      }
      const statistics = [...net.stateDict()].filter(([key]) => /running/.test(key)).flatMap(([, value]) => [...value.toTypedArray()]);
      return { rounds, statistics, device: parameters[0].grad.device, counts };
    `,
    );
    for (const [rank, ours] of device.entries()) {
      expect([ours.device, ours.counts]).toEqual([`privateuseone:${rank}`, cpu[rank]!.counts]);
      expectClose(ours.rounds, cpu[rank]!.rounds, { rtol: 1e-4, atol: 1e-4, name: "gradients" });
      expectClose(ours.statistics, cpu[rank]!.statistics, { rtol: 1e-5, atol: 1e-6, name: "statistics" });
    }
    expect(device[1]!.rounds).toEqual(device[0]!.rounds);
  });
});
