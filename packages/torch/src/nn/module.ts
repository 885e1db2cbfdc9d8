import { noGrad } from "../autograd.js";
import type { Device } from "../devices.js";
import type { DType } from "../dtype.js";
import { native } from "../native.js";
import { Tensor } from "../ops.generated.js";
import { keep, replaceHandle } from "../scope.js";
import { toDevice } from "../tensor.js";

/** A tensor that a module owns and an optimizer may change. */
export class Parameter extends Tensor {
  /** A second name for the tensor's memory, so the given tensor may go. */
  constructor(data: Tensor, { requiresGrad = true }: { requiresGrad?: boolean } = {}) {
    super(noGrad(() => native.alias(data.handle)));
    keep(this);
    this.requiresGrad = requiresGrad;
  }
}

/** A tensor that a module owns and saves, but no optimizer changes. */
export class Buffer extends Tensor {
  constructor(data: Tensor) {
    super(native.alias(data.handle));
    keep(this);
  }
}

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const join = (prefix: string, name: string) => (prefix ? `${prefix}.${name}` : name);

/**
 * A part of a network. It finds its parameters, buffers and children by walking its own fields: a field `classificationHead`
 * appears in the state dict as `classification_head`, an array of modules as `field.0`, `field.1`, so PyTorch's keys fall out.
 */
export abstract class Module {
  training = true;
  /** Stays in evaluation mode whatever `train` says. */
  frozen = false;

  /** What stands in the state dict below this module, in order: [name, parameter | buffer | child]. */
  protected *members(): Iterable<[string, Parameter | Buffer | Module]> {
    for (const [field, value] of Object.entries(this)) {
      if (value instanceof Parameter || value instanceof Buffer || value instanceof Module) yield [snakeCase(field), value];
      else if (Array.isArray(value))
        for (const [i, item] of value.entries()) if (item instanceof Module) yield [`${snakeCase(field)}.${i}`, item];
    }
  }

  /** Names that a state dict may have at this module's place although the module has no use for them; loading leaves them out. */
  protected get superfluous(): readonly string[] {
    return [];
  }

  /** Names that a state dict may lack at this module's place; loading leaves the module's own values there. */
  protected get dispensable(): readonly string[] {
    return [];
  }

  /** This module and everything below it, with state-dict prefixes. */
  *modules(prefix = ""): Iterable<[string, Module]> {
    yield [prefix, this];
    for (const [name, member] of this.members()) if (member instanceof Module) yield* member.modules(join(prefix, name));
  }

  /** Every parameter and buffer by its state-dict key, in PyTorch's order. The tensors are the module's own. */
  stateDict(): Map<string, Parameter | Buffer> {
    const state = new Map<string, Parameter | Buffer>();
    for (const [prefix, module] of this.modules())
      for (const [name, member] of module.members()) if (member instanceof Tensor) state.set(join(prefix, name), member);
    return state;
  }

  parameters(): Map<string, Parameter> {
    return new Map([...this.stateDict()].filter((entry): entry is [string, Parameter] => entry[1] instanceof Parameter));
  }

  /**
   * Copies values into this module's own tensors.
   * @param strict false leaves out what is missing or left over
   * @returns the keys that were missing and those that were left over
   * @throws RangeError naming every key that does not fit
   */
  loadStateDict(
    values: ReadonlyMap<string, Tensor>,
    { strict = true }: { strict?: boolean } = {},
  ): { missing: string[]; unexpected: string[] } {
    const own = this.stateDict();
    const named = (names: (module: Module) => readonly string[]) =>
      new Set([...this.modules()].flatMap(([prefix, module]) => names(module).map((name) => join(prefix, name))));
    const dispensable = named((module) => module.dispensable);
    const superfluous = named((module) => module.superfluous);
    const missing = [...own.keys()].filter((key) => !values.has(key) && !dispensable.has(key));
    const unexpected = [...values.keys()].filter((key) => !own.has(key) && !superfluous.has(key));
    if (strict && missing.length + unexpected.length > 0) {
      throw new RangeError(
        `the state dict does not fit: ${listed("missing", missing)}${missing.length && unexpected.length ? "; " : ""}${listed("unexpected", unexpected)}`,
      );
    }
    for (const [key, tensor] of own) {
      const value = values.get(key);
      if (value && value.shape.join() !== tensor.shape.join())
        throw new RangeError(`${key} is [${value.shape.join(", ")}], the network needs [${tensor.shape.join(", ")}]`);
    }
    noGrad(() => {
      for (const [key, tensor] of own) {
        const value = values.get(key);
        if (value) tensor.copy_(value);
      }
    });
    return { missing, unexpected };
  }

  train(on = true): this {
    for (const [, module] of this.modules()) module.training = on && !module.frozen;
    return this;
  }
  eval(): this {
    return this.train(false);
  }

  /** Ends the training of all below: no gradients, and batch norm keeps its running statistics. */
  freeze(): this {
    return this.#setFrozen(true).eval();
  }

  unfreeze(): this {
    return this.#setFrozen(false).train();
  }

  #setFrozen(frozen: boolean): this {
    for (const parameter of this.parameters().values()) parameter.requiresGrad = !frozen;
    for (const [, module] of this.modules()) module.frozen = frozen;
    return this;
  }

  /** Where its tensors are; the CPU where it has none. */
  get device(): Device {
    for (const [, module] of this.modules()) for (const [, member] of module.members()) if (member instanceof Tensor) return member.device;
    return "cpu";
  }

  /**
   * Brings all tensors to a device, gives floating-point ones another element type, or four-dimensional ones another memory format.
   * Optimizers made before are stale.
   */
  to({ device, dtype, format }: { device?: Device; dtype?: DType; format?: "channelsLast" | "contiguous" }): this {
    noGrad(() => {
      for (const tensor of this.stateDict().values()) {
        const floating = /^b?float/.test(tensor.dtype);
        if (device && tensor.device !== device) replace(tensor, toDevice(tensor, device));
        if (dtype && floating && tensor.dtype !== dtype) replace(tensor, tensor.to(dtype));
        if (format && tensor.shape.length === 4) replace(tensor, tensor.contiguous({ memoryFormat: format }));
      }
    });
    return this;
  }

  zeroGrad(): void {
    for (const parameter of this.parameters().values()) parameter.grad = null;
  }

  dispose(): void {
    for (const tensor of this.stateDict().values()) tensor.dispose();
  }
}

const listed = (what: string, keys: string[]) =>
  keys.length > 0 ? `${what} ${keys.slice(0, 5).join(", ")}${keys.length > 5 ? ` and ${keys.length - 5} more` : ""}` : "";

/** Puts new memory under a module's tensor; who holds the tensor sees the change. */
function replace(tensor: Tensor, by: Tensor): void {
  const { requiresGrad } = tensor;
  replaceHandle(tensor, native.call(detach, by.handle));
  by.dispose();
  if (requiresGrad) tensor.requiresGrad = true;
}

const detach = native.op("aten::detach", "");

/** A module with one input and one output. */
export abstract class Layer extends Module {
  abstract forward(input: Tensor): Tensor;
}
