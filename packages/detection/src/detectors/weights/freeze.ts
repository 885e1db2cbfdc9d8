import { nn } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import type { Recipe } from "../../recipes/index.js";
import type { Detector } from "../detector.js";

/**
 * Ends the training of a part of a detector: so many stages of the backbone from the picture on, all of them, or everything but the heads.
 * What is frozen stays in evaluation mode, so batch norm keeps its running statistics.
 *
 * @throws InputError: the backbone has fewer stages
 */
export function freeze({ network }: Detector, what: NonNullable<Recipe["training"]["freeze"]>): void {
  const { stages, heads } = network;
  if (what === "all-but-heads") {
    network.freeze();
    for (const head of heads) head.unfreeze();
    return;
  }
  const count = what === "backbone" ? stages.length : what;
  if (count > stages.length)
    throw new InputError(`training.freeze is ${count}, the backbone has ${stages.length} stages`, {
      fix: 'a smaller number, or "backbone"',
    });
  for (const module of stages.slice(0, count).flat()) module.freeze();
}

/** Batch norm keeps its running statistics, whatever `train` says; its weights and biases go on training. */
export function freezeBatchNorm({ network }: Detector): void {
  for (const [, module] of network.modules()) {
    if (!(module instanceof nn.BatchNorm2d)) continue;
    module.frozen = true;
    module.training = false;
  }
}
