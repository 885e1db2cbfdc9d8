import type { nn, Tensor } from "@singleshot/torch";
import { ResNet50 } from "./resnet50.js";

const renames: [torchvision: RegExp, tutorial: string][] = [
  [/^(conv|bn)1(?=\.|$)/, "$1_input"],
  [/\.downsample\.0/, ".conv_prj"],
  [/\.downsample\.1/, ".bn_prj"],
  [/\.(conv|bn)([123])/, ".$1_$2"],
];

/**
 * A key of torchvision's ResNet in the words of the tutorial "RetinaNet from scratch": `layer2.0.bn1.weight` is
 * `resblock2_1.bn_1.weight`. So published weights stand in for a pretraining of our own.
 */
export function resnetKeyToScratch(key: string): string {
  const named = key.replace(/^layer(\d)\.(\d)/, (_, stage, block) => `resblock${stage}_${Number(block) + 1}`);
  return renames.reduce((name, [torchvision, tutorial]) => name.replace(torchvision, tutorial), named);
}

/**
 * The extractor of "RetinaNet from scratch": ResNet-50 under other names, started as PyTorch starts its layers. It classifies, and
 * gives its last three maps to the detector.
 */
export class Extractor extends ResNet50 {
  override *modules(prefix = ""): Iterable<[string, nn.Module]> {
    for (const [key, module] of super.modules()) yield [[prefix, resnetKeyToScratch(key)].filter(Boolean).join("."), module];
  }

  /** [N, 3, H, W] → [out3, out4, out5] of strides 8, 16, 32 and 512, 1024, 2048 channels. */
  extract(images: Tensor): [out3: Tensor, out4: Tensor, out5: Tensor] {
    const [, out3, out4, out5] = this.maps(images);
    return [out3, out4, out5];
  }
}
