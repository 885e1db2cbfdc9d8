import { expect, test } from "vitest";
import { keep, liveTensors, ops, scope, Tensor, tensor } from "./index.js";
import { runChild } from "./testing/index.js";

/** How many tensors more there are after `body` than before. */
function growth(body: () => void): number {
  const before = liveTensors();
  body();
  return liveTensors() - before;
}

test("a scope frees what was made inside and keeps what it returns", () => {
  using x = tensor([1, 2, 3]);
  let inner: Tensor | undefined;
  const before = liveTensors();
  const result = scope(() => {
    inner = x.mul(2);
    return inner.add(1);
  });
  expect(liveTensors() - before).toBe(1);
  expect([...result.toTypedArray()]).toEqual([3, 5, 7]);
  expect(inner?.handle).toBe(0);
  result.dispose();
});

test("results may be arrays and plain objects of tensors, and go to the scope around", () => {
  const grown = growth(() =>
    scope(() => {
      const { pair, count } = scope(() => ({ pair: [ops.zeros([2]), { deep: ops.ones([2]) }] as const, count: 2 }));
      ops.zeros([5]);
      expect([...pair[1].deep.toTypedArray()]).toEqual([1, 1]);
      expect(count).toBe(2);
    }),
  );
  expect(grown).toBe(0);
});

test("a tensor of the scope around may be returned and is not freed", () => {
  scope(() => {
    const outer = ops.ones([1]);
    const same = scope(() => outer);
    scope(() => outer.add(1));
    expect(same.item()).toBe(1);
  });
});

test("keep takes a tensor out of its scope, for good", () => {
  let kept: Tensor | undefined;
  scope(() =>
    scope(() => {
      kept = keep(ops.ones([2]));
      keep(kept);
    }),
  );
  expect(kept!.sum().item()).toBe(2);
  kept!.dispose();
});

test("a scope that ends by an exception frees everything", () => {
  const grown = growth(() => {
    expect(() =>
      scope(() => {
        const x = ops.zeros([2, 3]);
        x.add(1).matmul(x);
      }),
    ).toThrow("aten::matmul: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3); got [2, 3] and [2, 3]");
  });
  expect(grown).toBe(0);
  scope(() => expect(ops.ones([1]).item()).toBe(1));
});

test("an asynchronous body is refused, and what it made is freed", () => {
  const body = async () => ops.zeros([1]);
  const grown = growth(() =>
    expect(() => scope(body)).toThrow("scope: the body must not be asynchronous, its tensors would be freed too early"),
  );
  expect(grown).toBe(0);
});

test("thousands of tensors in one scope are freed", () => {
  const grown = growth(() =>
    scope(() => {
      const x = ops.zeros([1]);
      for (let i = 0; i < 2000; i++) x.add(i);
    }),
  );
  expect(grown).toBe(0);
});

test("using frees at the end of the block, disposing twice does no harm", () => {
  const grown = growth(() => {
    using x = ops.zeros([4]);
    const y = x.add(1);
    y.dispose();
    y.dispose();
    expect(String(y)).toBe("Tensor (disposed)");
  });
  expect(grown).toBe(0);
});

test("a disposed tensor cannot be used, as receiver or as argument", () => {
  using x = tensor([1]);
  const gone = tensor([2]);
  gone.dispose();
  expect(() => gone.relu()).toThrow("aten::relu: argument 'self': this tensor was disposed");
  expect(() => x.add(gone)).toThrow("aten::add: other: this tensor was disposed");
  expect(() => gone.shape).toThrow("this tensor was disposed");
  expect(() => ops.cat([x, gone])).toThrow("aten::cat: tensors: this tensor was disposed");
});

test("a slot that is used again does not revive an old tensor", () => {
  const first = tensor([1]);
  const { handle } = first;
  first.dispose();
  using second = tensor([2]); // takes the slot that has become free
  expect(second.handle % 2 ** 24).toBe(handle % 2 ** 24);
  const stale = Object.assign(Object.create(Tensor.prototype) as Tensor, { handle });
  expect(() => stale.relu()).toThrow("aten::relu: argument 'self': not a tensor, or one that was disposed");
  expect(second.item()).toBe(2);
});

test("garbage collection is the net for tensors without a scope", async () => {
  const { stdout, stderr } = await runChild(
    `const { ops, keep, scope, liveTensors } = torch;
     const kept = ops.ones([3]);
     for (let i = 0; i < 500; i++) kept.add(i);
     for (let i = 0; i < 500; i++) scope(() => keep(kept.add(i)));
     const before = liveTensors();
     for (let i = 0; i < 20 && liveTensors() > 1; i++) {
       gc();
       await new Promise((resolve) => setImmediate(resolve));
     }
     console.log(before, liveTensors(), kept.sum().item());`,
    { flags: ["--expose-gc"] },
  );
  expect({ stdout, stderr }).toEqual({ stdout: "1001 1 3\n", stderr: "" });
});

test("V8 knows the size of tensors that it has to collect, so a loop without scopes does not fill the memory", async () => {
  const { stdout } = await runChild(
    `const { ops } = torch;
     for (let i = 0; i < 60; i++) {
       for (let j = 0; j < 5; j++) ops.zeros([1 << 20]); // 4 MB each: 1.2 GB in all
       await new Promise((resolve) => setImmediate(resolve));
     }
     console.log(process.memoryUsage.rss() / 2 ** 20);`,
  );
  expect(Number(stdout)).toBeLessThan(900);
});
