import { nn, optim } from "@singleshot/torch";
import { Detector } from "../detectors/index.js";
import type { OptimizerOptions } from "../recipes/index.js";

/** The optimizer of a recipe over all parameters that train, in groups where parts of a detector or kinds of parameters have settings of their own. */
export function createOptimizer(module: nn.Module, options: OptimizerOptions): optim.Optimizer {
  const groups = parameterGroups(module, options);
  const { learningRate } = options;
  switch (options.name) {
    case "sgd":
      return new optim.SGD(groups, { learningRate, momentum: options.momentum, nesterov: options.nesterov });
    case "adamw":
      return new optim.AdamW(groups, { learningRate, betas: options.betas, eps: options.eps });
  }
}

type Part = "backbone" | "extras" | "heads";
type Kind = "norms" | "weights" | "biases";

/** Backbone, extras, heads, as in pytorch-ssd; in each of them norms, then all else, as in torchvision; biases with a decay of their own last. */
function parameterGroups(module: nn.Module, options: OptimizerOptions): optim.ParameterGroup[] {
  const trained = [...module.parameters().values()].filter((parameter) => parameter.requiresGrad);
  const partOf = partsOf(module, options);
  const kindOf = kindsOf(module, options);
  const decays: Record<Kind, number | undefined> = {
    norms: options.normWeightDecay,
    weights: options.weightDecay,
    biases: options.biasWeightDecay,
  };
  const rates: Record<Part, number | undefined> = {
    backbone: options.backboneLearningRate,
    extras: options.extrasLearningRate,
    heads: undefined,
  };
  const groups = Object.entries(rates).flatMap(([name, rate]) =>
    Object.entries(decays).map(([kind, weightDecay = options.weightDecay]) => ({
      name,
      parameters: trained.filter((parameter) => partOf(parameter) === name && kindOf(parameter) === kind),
      learningRateScale: (rate ?? options.learningRate) / options.learningRate,
      weightDecay,
    })),
  );
  return groups.filter(({ parameters }) => parameters.length > 0);
}

/** Where all parts have one learning rate they are one. */
function partsOf(module: nn.Module, { backboneLearningRate, extrasLearningRate }: OptimizerOptions): (parameter: nn.Parameter) => Part {
  const alike = backboneLearningRate === undefined && extrasLearningRate === undefined;
  if (alike || !(module instanceof Detector)) return () => "heads";
  const { stages, heads } = module.network;
  const [backbone, head] = [parametersOf(stages.flat()), parametersOf(heads)];
  return (parameter) => (backbone.has(parameter) ? "backbone" : head.has(parameter) ? "heads" : "extras");
}

/** Where a kind has no decay of its own it is with the weights. */
function kindsOf(module: nn.Module, { normWeightDecay, biasWeightDecay }: OptimizerOptions): (parameter: nn.Parameter) => Kind {
  const norms = parametersOf([...module.modules()].map(([, part]) => part).filter(nn.isNorm));
  const biases = new Set([...module.parameters()].filter(([key]) => /(^|\.)bias$/.test(key)).map(([, parameter]) => parameter));
  return (parameter) => {
    if (norms.has(parameter)) return normWeightDecay === undefined ? "weights" : "norms";
    return biasWeightDecay !== undefined && biases.has(parameter) ? "biases" : "weights";
  };
}

const parametersOf = (modules: readonly nn.Module[]) => new Set(modules.flatMap((module) => [...module.parameters().values()]));
