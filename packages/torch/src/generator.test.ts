import { expect, test } from "vitest";
import { defaultGenerator, Generator, ops, scope, tensor } from "./index.js";

const draw = (generator: Generator) => scope(() => [...ops.rand([5], generator).toTypedArray()]);

test("the same seed gives the same numbers, as in PyTorch", () => {
  const generator = new Generator();
  const first = draw(generator.seed(42));
  expect(draw(generator)).not.toEqual(first);
  expect(draw(generator.seed(42))).toEqual(first);
  const python = [0.8822692632675171, 0.9150039553642273, 0.38286375999450684, 0.9593056440353394, 0.3904482126235962];
  expect(first).toEqual(python); // torch.manual_seed(42); torch.rand(5)
});

test("generators do not disturb each other", () => {
  const [a, b] = [new Generator().seed(1), new Generator().seed(1)];
  draw(b);
  const afterwards = draw(a);
  expect(afterwards).toEqual(draw(new Generator().seed(1)));
});

test("the state can be saved and put back, in the middle of a sequence", () => {
  const generator = new Generator().seed(7);
  draw(generator);
  using state = generator.state;
  expect(state.dtype).toBe("uint8");
  const next = [draw(generator), draw(generator)];
  generator.state = state;
  expect([draw(generator), draw(generator)]).toEqual(next);
  const other = new Generator();
  other.state = state;
  expect(draw(other)).toEqual(next[0]);
});

test("operators without a generator use the default one", () => {
  const fill = () => scope(() => [...ops.empty([4]).uniform_().toTypedArray(), ...ops.dropout(ops.ones([4]), 0.5, true).toTypedArray()]);
  defaultGenerator.seed(3);
  const first = fill();
  expect(fill()).not.toEqual(first);
  defaultGenerator.seed(3);
  expect(fill()).toEqual(first);
});

test("large seeds keep all their digits", () => {
  const seed = 2n ** 62n + 1n;
  expect(draw(new Generator().seed(seed))).not.toEqual(draw(new Generator().seed(seed - 1n)));
});

test("what is no state and no seed is refused", () => {
  const generator = new Generator();
  expect(() => {
    generator.state = tensor([1, 2, 3]);
  }).toThrow(/RNG state/);
  expect(() => generator.seed(1.5)).toThrow("an integer was expected");
  expect(() => ops.rand([1], { id: 99 } as Generator)).toThrow("aten::rand.generator: argument 'generator': a generator was expected");
});
