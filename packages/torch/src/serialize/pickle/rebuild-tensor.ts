import { InputError } from "@singleshot/base";
import { damaged, quote } from "../bytes.js";
import { type RawStorage, type RawTensor, viewProblem } from "../raw-tensor.js";
import { isRawTensor, isTuple } from "./value.js";

/** A storage while the pickle is read: its bytes may still be to come. It is no value: only tensors are. */
export class PickledStorage {
  constructor(
    readonly raw: RawStorage,
    readonly length: number, // elements
  ) {}
}

/** `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks, metadata)`, the last two empty. */
export function rebuildTensor(args: readonly unknown[]): RawTensor {
  const [storage, offset, shape, stride, requiresGrad = false, hooks = null, metadata = null] = args;
  if (args.length < 4 || args.length > 7 || !(storage instanceof PickledStorage)) damaged("a tensor is rebuilt from the wrong arguments");
  if (!isNumbers(shape) || !isNumbers(stride) || typeof offset !== "number" || typeof requiresGrad !== "boolean") {
    damaged("a tensor is rebuilt from the wrong arguments");
  }
  checkNoExtras(hooks, metadata);
  const view = { shape, stride, offset };
  const problem = viewProblem(view, storage.length);
  if (problem) damaged(`a tensor in storage ${quote(storage.raw.key)} cannot be: ${problem}`);
  return { dtype: storage.raw.dtype, ...view, storage: storage.raw, ...(requiresGrad && { requiresGrad }) };
}

/** `_rebuild_parameter(tensor, requires_grad, backward_hooks)` */
export function rebuildParameter(args: readonly unknown[]): RawTensor {
  const [tensor, requiresGrad, hooks = null] = args;
  if (!isRawTensor(tensor) || typeof requiresGrad !== "boolean") damaged("a parameter is rebuilt from the wrong arguments");
  checkNoExtras(hooks, null);
  return { ...tensor, requiresGrad, parameter: true };
}

/** Hooks would be code; metadata says that the numbers are to be read as conjugate or negative. */
function checkNoExtras(hooks: unknown, metadata: unknown): void {
  const empty = (value: unknown) => value === null || (value instanceof Map && value.size === 0);
  if (!empty(hooks)) throw new InputError("a tensor has backward hooks", { fix: "save its state dict instead" });
  if (!empty(metadata)) {
    throw new InputError("a tensor is a lazy conjugate or negative", { fix: "call resolve_conj() and resolve_neg() before it is saved" });
  }
}

function isNumbers(value: unknown): value is readonly number[] {
  return isTuple(value) && value.every((item) => typeof item === "number");
}
