import { noGrad } from "../autograd.js";
import type { Parameter } from "../nn/index.js";
import * as ops from "../ops.generated.js";
import { scope } from "../scope.js";

/** Scales all gradients down together so that their common norm is at most `maxNorm`. Returns the norm before. */
export function clipGradNorm(parameters: Iterable<Parameter>, maxNorm: number): number {
  return noGrad(() =>
    scope(() => {
      const gradients = [...parameters].flatMap((parameter) => parameter.grad ?? []);
      if (gradients.length === 0) return 0;
      const total = ops
        .stack(gradients.map((gradient) => gradient.norm(2, []).to("float64")))
        .norm(2, [])
        .item();
      const factor = maxNorm / (total + 1e-6);
      if (factor < 1) ops.foreachMul_(gradients, factor);
      return total;
    }),
  );
}
