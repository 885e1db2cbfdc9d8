import { nn } from "@singleshot/torch";

/** Starts every convolution by the rule given, with bias 0; what has no convolution stays as it is. */
export function initializeConvs<M extends nn.Module>(module: M, rule: (weight: nn.Parameter) => unknown): M {
  for (const [, part] of module.modules()) {
    if (!(part instanceof nn.Conv2d)) continue;
    rule(part.weight);
    if (part.bias) nn.init.constant_(part.bias, 0);
  }
  return module;
}

/** Starts every linear layer with N(0, 0.01) and bias 0. */
export function initializeLinears<M extends nn.Module>(module: M): M {
  for (const [, part] of module.modules()) {
    if (!(part instanceof nn.Linear)) continue;
    nn.init.normal_(part.weight, { std: 0.01 });
    if (part.bias) nn.init.constant_(part.bias, 0);
  }
  return module;
}
