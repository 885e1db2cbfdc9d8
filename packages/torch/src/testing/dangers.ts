import { fileURLToPath } from "node:url";
import { fromBuffer, ops, scope, type Tensor, tensor } from "../index.js";
import { native } from "../native.js";

/** What each does, and what it must print at the end. It could end the process if it went wrong, so each runs in one of its own. */
export const dangers: Record<string, { run: () => unknown; answer: unknown }> = {
  "stale and invented handles by the thousand": {
    run: () => {
      const handles = Array.from({ length: 5000 }, (_, i) => 2 ** 24 * (1 + (i % 999)) + 7 * i);
      return handles.filter((handle) => messageOf(() => native.shape(handle)).startsWith("not a tensor")).length;
    },
    answer: 5000,
  },
  "a shape that changes, and calls operators, while it is read": {
    run: () => {
      const x = ops.zeros([4]);
      const shape = shapeThat(() => {
        for (let i = 0; i < 99; i++) x.add(1);
        shape.length = 0;
        return 4;
      });
      messageOf(() => x.view(shape));
      return x.sum().item();
    },
    answer: 0,
  },
  "a shape whose getter throws": {
    run: () =>
      messageOf(() =>
        ops.zeros(
          shapeThat(() => {
            throw new Error("mine");
          }),
        ),
      ),
    answer: "mine",
  },
  "a shape whose getter moves the buffer away": {
    run: () => {
      const array = new Float32Array(1 << 20);
      const shape = shapeThat(() => {
        structuredClone(array.buffer, { transfer: [array.buffer] });
        return 1 << 20;
      });
      let sum = 0; // where the buffer cannot be moved there is no error
      messageOf(() => {
        sum = fromBuffer(array, shape).sum().item();
      });
      return sum;
    },
    answer: 0,
  },
  "memory that is lent, forgotten by JavaScript and written to": {
    run: () => {
      const x = scope(() => fromBuffer(new Float32Array(1 << 20)));
      for (let i = 0; i < 20; i++) {
        globalThis.gc?.();
        x.add_(1);
      }
      return x.sum().item() / 2 ** 20;
    },
    answer: 20,
  },
  "views on the memory of tensors that are gone": {
    run: () => {
      const views = Array.from({ length: 50 }, (_, i) => {
        using x = ops.full([1 << 16], i, { dtype: "float32" });
        return x.toSharedView();
      });
      globalThis.gc?.();
      return views.every((view, i) => view[77] === i);
    },
    answer: true,
  },
  "a graph of 200,000 steps": {
    run: () => {
      const x = ops.ones([1]);
      x.requiresGrad = true;
      let y: Tensor = x.add(0);
      for (let i = 0; i < 2e5; i++) {
        using before = y;
        y = before.add(0);
      }
      y.backward();
      return x.grad!.item();
    },
    answer: 1,
  },
  "an error in the middle of backward": {
    run: () => {
      const x = ops.ones([2, 2]);
      x.requiresGrad = true;
      const y = x.mul(x).sum();
      x.detach().add_(1);
      return messageOf(() => y.backward()).split(":")[0];
    },
    answer: "one of the variables needed for gradient computation has been modified by an inplace operation",
  },
  "nested arrays without end": {
    run: () => {
      const endless: unknown[] = [];
      endless.push(endless);
      return messageOf(() => tensor(endless as number[]));
    },
    answer: "Maximum call stack size exceeded",
  },
  "modes left open at the end of the process": {
    run: () => {
      native.enterInferenceMode(true);
      native.enterAutocast(true, "bfloat16", "cpu");
      native.setGradMode(false);
      return ops.ones([2]).sum().item();
    },
    answer: 2,
  },
};

/** An array of one number that is computed when it is read. */
const shapeThat = (get: () => number): number[] => Object.defineProperty([0], 0, { get, configurable: true });

function messageOf(body: () => unknown): string {
  try {
    body();
    return "no error";
  } catch (error) {
    return (error as Error).message;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(dangers[process.argv[2]!]!.run()));
