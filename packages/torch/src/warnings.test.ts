import { expect, test } from "vitest";
import { runChild } from "./testing/index.js";

test("what libtorch warns of at every call is said once", async () => {
  const { stderr, stdout } = await runChild(`
    const { native } = await import(${JSON.stringify(new URL("./native.js", import.meta.url).href)});
    native.preferDeterministic(true);
    const [put, values, places] = [native.op("aten::put_", ""), torch.ops.zeros([4]), torch.ops.zeros([1], { dtype: "int64" })];
    for (let i = 0; i < 3; i++) native.callInPlace(put, values.handle, places.handle, torch.ops.ones([1]).handle, false);
    console.log(values.sum().item());
  `);
  expect(stdout).toBe("1\n");
  expect(stderr.match(/does not have a deterministic implementation/g)).toHaveLength(1);
});
