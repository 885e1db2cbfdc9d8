import { expect, test } from "vitest";
import { parseSchema } from "./schema.js";

test("a schema tells names, types, defaults and what is written to", () => {
  expect(parseSchema("aten::add_.Tensor(Tensor(a!) self, Tensor other, *, Scalar alpha=1) -> Tensor(a!)")).toEqual({
    name: "add_",
    overload: "Tensor",
    arguments: [
      { name: "self", type: "Tensor", hasDefault: false },
      { name: "other", type: "Tensor", hasDefault: false },
      { name: "alpha", type: "Scalar", hasDefault: true },
    ],
    results: ["Tensor"],
    inPlace: true,
  });
});

test("SymInt of libtorch 2 reads as int, so both versions give one file", () => {
  const one = "aten::narrow(Tensor(a) self, int dim, int start, int length) -> Tensor(a)";
  const two = "aten::narrow(Tensor(a) self, int dim, SymInt start, SymInt length) -> Tensor(a)";
  expect(parseSchema(two)).toEqual(parseSchema(one));
});

test("defaults may hold commas and brackets", () => {
  const schema = "aten::conv2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=[1, 1], int[2] padding=[0, 0]) -> Tensor";
  expect(parseSchema(schema).arguments.map(({ name, type, hasDefault }) => [name, type, hasDefault])).toEqual([
    ["input", "Tensor", false],
    ["weight", "Tensor", false],
    ["bias", "Tensor?", true],
    ["stride", "int[2]", true],
    ["padding", "int[2]", true],
  ]);
});

test("results may be several, a list or none", () => {
  expect(parseSchema("aten::topk(Tensor self, int k) -> (Tensor values, Tensor indices)").results).toEqual(["Tensor", "Tensor"]);
  expect(parseSchema("aten::chunk(Tensor(a -> *) self, int chunks) -> Tensor(a)[]").results).toEqual(["Tensor[]"]);
  expect(parseSchema("aten::_foreach_zero_(Tensor(a!)[] self) -> ()")).toMatchObject({ results: [], inPlace: false });
});

test("what is no schema is refused", () => {
  expect(() => parseSchema("add(Tensor self)")).toThrow("schema: cannot read 'add(Tensor self)'");
  expect(() => parseSchema("aten::add(self) -> Tensor")).toThrow("schema: cannot read argument 'self'");
});
