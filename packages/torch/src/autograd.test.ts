import { describe, expect, test } from "vitest";
import { autocast, enableGrad, inferenceMode, isAutocasting, noGrad, ops, scope, type Tensor, tensor } from "./index.js";
import { expectTensor } from "./testing/index.js";

const variable = (values: number[]): Tensor => {
  const x = tensor(values);
  x.requiresGrad = true;
  return x;
};
const recording = () => scope(() => variable([1]).mul(2).requiresGrad);

describe("backward", () => {
  test("gives the gradient, and adds up over calls until it is cleared", () => {
    scope(() => {
      const x = variable([1, 2, 3]);
      expect(x.grad).toBe(null);
      x.mul(x).sum().backward();
      expectTensor(x.grad!, [2, 4, 6]);
      x.sum().backward();
      expectTensor(x.grad!, [3, 5, 7]);
      x.grad = null;
      expect(x.grad).toBe(null);
    });
  });

  test("starts from a given gradient where there are several elements", () => {
    scope(() => {
      const x = variable([1, 2]);
      x.mul(3).backward({ gradient: tensor([1, 10]) });
      expectTensor(x.grad!, [3, 30]);
    });
  });

  test("works after the intermediates were freed: autograd keeps what it needs", () => {
    scope(() => {
      const x = variable([1, 2]);
      const loss = scope(() => x.exp().mul(x).sum());
      loss.backward();
      expectTensor(x.grad!, [2 * Math.E, 3 * Math.E ** 2], { rtol: 1e-6 });
    });
  });

  test("a graph is used once, unless it is retained", () => {
    scope(() => {
      const x = variable([2]);
      const y = x.mul(x);
      y.backward({ retainGraph: true });
      y.backward();
      expectTensor(x.grad!, [8]);
      expect(() => y.backward()).toThrow(/Trying to backward through the graph a second time/);
    });
  });

  test("detach cuts, a gradient of another shape is refused", () => {
    scope(() => {
      const x = variable([1, 2]);
      x.detach().mul(x).sum().backward();
      expectTensor(x.grad!, [1, 2]);
      expect(() => {
        x.grad = tensor([1]);
      }).toThrow("grad: the gradient must have the tensor's shape");
    });
  });
});

describe("modes nest and end, also by an exception", () => {
  const stops = (): never => {
    throw new Error("stop");
  };

  test("noGrad and enableGrad", () => {
    expect(recording()).toBe(true);
    noGrad(() => {
      expect(recording()).toBe(false);
      expect(enableGrad(recording)).toBe(true);
      expect(() => enableGrad(stops)).toThrow("stop");
      expect(recording()).toBe(false);
    });
    expect(() => noGrad(() => noGrad(stops))).toThrow("stop");
    expect(recording()).toBe(true);
  });

  test("inferenceMode", () => {
    using x = variable([1]);
    using made = inferenceMode(() => inferenceMode(() => x.mul(2)));
    expect(() => inferenceMode(() => inferenceMode(stops))).toThrow("stop");
    expect(recording()).toBe(true);
    expect(() => x.mul(made)).toThrow(/Inference tensors cannot be saved for backward/);
  });

  test("autocast computes matrix products and convolutions in 16 bits, sums in 32", () => {
    scope(() => {
      const x = ops.ones([2, 2]);
      const product = () => scope(() => x.matmul(x).dtype);
      const seen = autocast({}, () => {
        expect(isAutocasting()).toBe(true);
        const off = autocast({ enabled: false }, () => [product(), isAutocasting()]);
        expect(() => autocast({ enabled: false }, stops)).toThrow("stop");
        const images = ops.ones([1, 1, 4, 4]);
        const convolution = ops.conv2d(images, ops.ones([1, 1, 3, 3])).dtype;
        return { product: product(), convolution, loss: ops.mseLoss(x.matmul(x), x).dtype, off };
      });
      expect(seen).toEqual({ product: "bfloat16", convolution: "bfloat16", loss: "float32", off: ["float32", false] });
      expect([product(), isAutocasting()]).toEqual(["float32", false]);
      expect(() => autocast({}, stops)).toThrow("stop");
      expect([product(), isAutocasting()]).toEqual(["float32", false]);
    });
  });

  test("the gradient of an autocast step comes in the parameter's own type", () => {
    scope(() => {
      const weight = ops.ones([2, 3]);
      weight.requiresGrad = true;
      autocast({}, () => scope(() => ops.ones([1, 2]).matmul(weight).sum().backward()));
      expect(weight.grad!.dtype).toBe("float32");
      expectTensor(weight.grad!.sum([0]), [2, 2, 2]);
    });
  });

  test("an asynchronous body is refused, and the mode has ended", () => {
    for (const mode of [noGrad, inferenceMode, (body: () => Promise<void>) => autocast({}, body)]) {
      expect(() => mode(async () => {})).toThrow(/the body must not be asynchronous, the mode ends when it returns/);
    }
    expect(recording()).toBe(true);
    expect(isAutocasting()).toBe(false);
  });

  test("an unknown type for autocast is refused before anything has changed", () => {
    expect(() => autocast({ dtype: "int8" }, () => 1)).toThrow("autocast: bfloat16 or float16 was expected");
    expect(isAutocasting()).toBe(false);
    expect(scope(() => ops.ones([2, 2]).matmul(ops.ones([2, 2])).dtype)).toBe("float32");
  });
});
