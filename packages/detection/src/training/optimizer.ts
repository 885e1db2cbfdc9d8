import { type nn, optim } from "@singleshot/torch";
import type { OptimizerOptions } from "../recipes/index.js";

/** Parameters of normalisation layers and all biases may have a weight decay of their own. */
function parameterGroups(module: nn.Module, { weightDecay, normWeightDecay }: OptimizerOptions): optim.ParameterGroup[] {
  const trained = [...module.parameters().values()].filter((parameter) => parameter.requiresGrad);
  if (normWeightDecay === undefined) return [{ parameters: trained, weightDecay }];
  const isVector = (parameter: nn.Parameter) => parameter.shape.length <= 1;
  return [
    { parameters: trained.filter((parameter) => !isVector(parameter)), weightDecay },
    { parameters: trained.filter(isVector), weightDecay: normWeightDecay },
  ];
}

/** The optimizer of a recipe over all parameters that train. */
export function createOptimizer(module: nn.Module, options: OptimizerOptions): optim.Optimizer {
  const groups = parameterGroups(module, options);
  switch (options.name) {
    case "sgd":
      return new optim.SGD(groups, { learningRate: options.learningRate, momentum: options.momentum, nesterov: options.nesterov });
    case "adamw":
      return new optim.AdamW(groups, { learningRate: options.learningRate, betas: options.betas, eps: options.eps });
  }
}
