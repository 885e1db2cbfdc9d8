import { noGrad } from "../autograd.js";
import type { Parameter } from "../nn/index.js";
import { Tensor } from "../ops.generated.js";
import { keep, scope } from "../scope.js";
import { toDevice } from "../tensor.js";

/** Parameters with settings of their own; what is left out comes from the optimizer. */
export interface ParameterGroup {
  parameters: Iterable<Parameter>;
  /** For whoever shows learning rates. */
  name?: string;
  /** Multiplies the optimizer's learning rate: a schedule moves all groups together. */
  learningRateScale?: number;
  weightDecay?: number;
}

/** A group with everything filled in. */
export interface Group {
  name?: string;
  parameters: Parameter[];
  learningRateScale: number;
  weightDecay: number;
}

/** State of one parameter, by PyTorch's names: tensors, or a count of steps. */
export type ParameterState = Map<string, Tensor | number>;

/** PyTorch's form of an optimizer's state dict. */
export type OptimizerState = Map<"state" | "param_groups", unknown>;

/** The parameters of a group that have a gradient, with it. */
export interface Work {
  parameters: Parameter[];
  gradients: Tensor[];
  states: ParameterState[];
}

/**
 * Changes parameters by their gradients, all of a group in one call of libtorch's `_foreach_` kernels.
 * A parameter without a gradient is left as it is: neither moved nor decayed.
 */
export abstract class Optimizer {
  readonly groups: Group[];
  readonly #states = new Map<Parameter, ParameterState>();

  constructor(
    groups: readonly ParameterGroup[],
    public learningRate: number,
    weightDecay: number,
  ) {
    this.groups = groups.map((group) => ({ learningRateScale: 1, weightDecay, ...group, parameters: [...group.parameters] }));
  }

  step(): void {
    noGrad(() =>
      scope(() => {
        for (const group of this.groups) {
          const work = this.#work(group);
          if (work.parameters.length > 0) this.update(group, work, this.learningRate * group.learningRateScale);
        }
      }),
    );
  }

  /** One step of one group. Every tensor put into a state must be kept. */
  protected abstract update(group: Group, work: Work, learningRate: number): void;
  /** A group's settings by PyTorch's names. */
  protected abstract settings(group: Group): Map<string, unknown>;

  #work({ parameters }: Group): Work {
    const work: Work = { parameters: [], gradients: [], states: [] };
    for (const parameter of parameters) {
      const { grad } = parameter;
      if (!grad) continue;
      work.parameters.push(parameter);
      work.gradients.push(grad);
      work.states.push(this.#stateOf(parameter));
    }
    return work;
  }

  #stateOf(parameter: Parameter): ParameterState {
    const known = this.#states.get(parameter);
    if (known) return known;
    const fresh: ParameterState = new Map();
    this.#states.set(parameter, fresh);
    return fresh;
  }

  /** { state: { 0: { momentum_buffer, … }, … }, param_groups: [{ lr, …, params: [0, …] }, …] }; the tensors are the optimizer's own. */
  stateDict(): OptimizerState {
    const order = this.groups.flatMap(({ parameters }) => parameters);
    const state = new Map(
      order.flatMap((parameter, i): [number, ParameterState][] =>
        this.#states.get(parameter)?.size ? [[i, this.#states.get(parameter)!]] : [],
      ),
    );
    let first = 0;
    const groups = this.groups.map((group) => {
      const params = group.parameters.map((_, i) => first + i);
      first += params.length;
      return new Map<string, unknown>([
        ["lr", this.learningRate * group.learningRateScale],
        ["weight_decay", group.weightDecay],
        ...this.settings(group),
        ["params", params],
      ]);
    });
    return new Map<"state" | "param_groups", unknown>([
      ["state", state],
      ["param_groups", groups],
    ]);
  }

  /**
   * Copies the state of an optimizer of the same kind over the same parameters, to where those are. Learning rates are the schedule's matter and stay.
   * @throws RangeError if groups or shapes do not fit; then nothing has changed
   */
  loadStateDict(saved: OptimizerState): void {
    const order = this.groups.flatMap(({ parameters }) => parameters);
    const state = stateIn(saved, this.groups);
    for (const [index, entries] of state) expectFits(entries, index, order[index]);
    this.dispose();
    for (const [index, entries] of state) {
      const parameter = order[index]!;
      const into = this.#stateOf(parameter);
      for (const [name, value] of entries)
        if (value !== null) into.set(name, name === "step" ? countOf(value) : copyFor(parameter, value as Tensor));
    }
  }

  /** Every tensor of the state, with a name for messages. */
  *tensors(): Iterable<[string, Tensor]> {
    for (const [i, parameter] of this.groups.flatMap(({ parameters }) => parameters).entries())
      for (const [name, value] of this.#states.get(parameter) ?? [])
        if (value instanceof Tensor) yield [`${name} of parameter ${i}`, value];
  }

  /** Frees the state; the optimizer starts anew. */
  dispose(): void {
    for (const state of this.#states.values()) for (const value of state.values()) if (value instanceof Tensor) value.dispose();
    this.#states.clear();
  }
}

type SavedState = ReadonlyMap<number, ReadonlyMap<string, Tensor | number | null>>;

function stateIn(saved: OptimizerState, groups: readonly Group[]): SavedState {
  const [state, savedGroups] = [saved.get("state"), saved.get("param_groups")];
  if (!(state instanceof Map) || !Array.isArray(savedGroups)) throw new RangeError("this is not the state of an optimizer");
  const sizes = (savedGroups as Map<string, unknown>[]).map((group) => (group.get("params") as number[]).length);
  const own = groups.map(({ parameters }) => parameters.length);
  if (sizes.join() !== own.join())
    throw new RangeError(`the optimizer's state is for groups of ${sizes.join(" and ")} parameters, not ${own.join(" and ")}`);
  return state;
}

function expectFits(entries: ReadonlyMap<string, Tensor | number | null>, index: number, parameter: Parameter | undefined): void {
  if (!parameter) throw new RangeError(`the optimizer's state names parameter ${index}, which does not exist`);
  const wanted = parameter.shape.join(", ");
  for (const [name, value] of entries) {
    if (name === "step" || !(value instanceof Tensor)) continue;
    const found = value.shape.join(", ");
    if (found !== wanted) throw new RangeError(`${name} of parameter ${index} is [${found}], the parameter [${wanted}]`);
  }
}

/** Where the parameter is. */
const copyFor = ({ device }: Parameter, value: Tensor): Tensor =>
  noGrad(() => keep(value.device === device ? value.clone({ memoryFormat: "preserve" }) : toDevice(value, device)));

/** PyTorch has kept it as a number and as a tensor. */
const countOf = (value: Tensor | number): number => (value instanceof Tensor ? value.item() : value);

/** The tensors of one name over all states, made where they are missing. */
export function statesOf({ states, parameters }: Work, name: string, make: (parameter: Parameter) => Tensor): Tensor[] {
  return states.map((state, i) => {
    const known = state.get(name);
    if (known instanceof Tensor) return known;
    const fresh = keep(make(parameters[i]!));
    state.set(name, fresh);
    return fresh;
  });
}
