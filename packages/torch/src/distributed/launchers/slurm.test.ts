import fc from "fast-check";
import { expect, test } from "vitest";
import { firstHost, tasksPerNode } from "./slurm.js";

test("Slurm's short form of tasks per node is its long form", () => {
  const runs = fc.array(fc.record({ tasks: fc.nat(200), nodes: fc.integer({ min: 1, max: 50 }) }), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(runs, (all) => {
      const text = all.map(({ tasks, nodes }) => (nodes === 1 ? `${tasks}` : `${tasks}(x${nodes})`)).join(",");
      expect(tasksPerNode(text, "X")).toEqual(all.flatMap(({ tasks, nodes }) => new Array(nodes).fill(tasks)));
    }),
  );
});

test("the first host of Slurm's list keeps its zeros", () => {
  for (const [list, first] of [
    ["alone", "alone"],
    ["a,b", "a"],
    ["n[001-128]", "n001"],
    ["n[7,9-11],m1", "n7"],
    ["rack[1-2]n[03-07,9],login", "rack1n03"],
    ["cn[10-12]-ib,cn13-ib", "cn10-ib"],
  ] as const)
    expect(firstHost(list)).toBe(first);
});
