import { noGrad } from "../autograd.js";
import type { Parameter } from "../nn/index.js";
import * as ops from "../ops.generated.js";
import { scope } from "../scope.js";

/** The norm of all gradients together; 0 where there is none. */
export const gradNorm = (parameters: Iterable<Parameter>): number => noGrad(() => scope(() => normOf(gradientsOf(parameters))));

/** Scales all gradients down together so that their common norm is at most `maxNorm`. Returns the norm before. */
export function clipGradNorm(parameters: Iterable<Parameter>, maxNorm: number): number {
  return noGrad(() =>
    scope(() => {
      const gradients = gradientsOf(parameters);
      const norm = normOf(gradients);
      const factor = maxNorm / (norm + 1e-6);
      if (factor < 1) ops.foreachMul_(gradients, factor);
      return norm;
    }),
  );
}

const gradientsOf = (parameters: Iterable<Parameter>): ops.Tensor[] => [...parameters].flatMap(({ grad }) => grad ?? []);

/** Read from the device once. */
function normOf(gradients: readonly ops.Tensor[]): number {
  if (gradients.length === 0) return 0;
  const norms = gradients.map((gradient) => gradient.norm(2, []).to("float64"));
  return ops.stack(norms).norm(2, []).item();
}
