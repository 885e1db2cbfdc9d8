import { fileURLToPath } from "node:url";
import * as ops from "./ops.generated.js";
import { libtorchVersion, threads } from "./runtime.js";
import { scope } from "./scope.js";
import { tensor } from "./tensor.js";

export interface SelfCheck {
  version: string;
  threads: number;
  /** Speed of a 1024 × 1024 matrix product: single figures mean that a reference BLAS is installed. */
  matmulGigaflops: number;
}

/** One operator, one backward, one matrix product: throws if any of them is wrong. */
export function selfCheck(): SelfCheck {
  return scope(() => {
    const x = tensor([1, -2, 3]);
    x.requiresGrad = true;
    const y = x.mul(x).sum();
    if (y.item() !== 14) throw new Error(`self-check: 1² + 2² + 3² came out as ${y.item()}`);
    y.backward();
    const gradient = [...x.grad!.toTypedArray()];
    if (gradient.join() !== "2,-4,6") throw new Error(`self-check: the gradient came out as ${gradient}`);
    const a = ops.ones([1024, 1024]);
    a.matmul(a);
    const start = performance.now();
    a.matmul(a);
    return {
      version: libtorchVersion(),
      threads: threads(),
      matmulGigaflops: Math.round((2 * 1024 ** 3) / (performance.now() - start) / 1e6),
    };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { version, threads, matmulGigaflops } = selfCheck();
  console.log(`libtorch ${version}: operators and gradients work; ${threads} threads, matrix product ${matmulGigaflops} GFLOP/s`);
  if (matmulGigaflops < 15) console.log("That is slow: on Debian, `apt-get install libopenblas0-pthread` makes it 15 to 25 times faster.");
}
