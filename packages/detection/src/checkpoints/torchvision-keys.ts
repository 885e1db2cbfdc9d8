/**
 * A key of torchvision's first RetinaNet files (the published COCO file is one) as its later ones have it: the towers' convolutions got
 * their activations as neighbours instead of successors, the pyramid's convolutions a layer around them. Later keys stay what they are.
 */
export function modernRetinaNetKey(key: string): string {
  return key
    .replace(/^(head\.\w+_head\.conv)\.(\d+)\.(weight|bias)$/, (_, tower, i, name) => `${tower}.${Number(i) / 2}.0.${name}`)
    .replace(/^(backbone\.fpn\.(?:inner|layer)_blocks\.\d+)\.(weight|bias)$/, "$1.0.$2");
}

/** `features.7.weight` → 7 and `weight`. */
function featureKey(key: string): { layer: number; rest: string } | undefined {
  const [, layer, rest] = /^features\.(\d+)\.(.+)$/.exec(key) ?? [];
  return rest === undefined ? undefined : { layer: Number(layer), rest };
}

/** VGG16's layers up to conv4_3 and its ReLU are SSD300's `features`; the fourth pooling and conv5 begin its `extra`. */
const SSD300_CUT = 23;

/**
 * Where the weights of a VGG16 classifier, or of a file with its features alone, belong in SSD300. The fully connected layers have no
 * place: SSD300 starts its own.
 */
export function vgg16KeyToSsd300(key: string): string | undefined {
  const { layer, rest } = featureKey(key) ?? {};
  if (layer === undefined) return undefined;
  return layer < SSD300_CUT ? `backbone.features.${layer}.${rest}` : `backbone.extra.0.${layer - SSD300_CUT}.${rest}`;
}

/** The first layers of VGG16's stages, and fc6. */
const STAGES = [0, 5, 10, 17, 24, 31];

/** Where a layer of `vgg16Layers` belongs in GluonCV's SSD, which counts stages: `12.weight` → `features.stages.2.2.weight`. */
export function vgg16KeyToGluon(key: string): string | undefined {
  const [, number, name] = /^(\d+)\.(weight|bias)$/.exec(key) ?? [];
  if (number === undefined) return undefined;
  const stage = STAGES.findLastIndex((first) => first <= Number(number));
  return `features.stages.${stage}.${Number(number) - STAGES[stage]!}.${name}`;
}

/**
 * Where the weights of a MobileNetV3 classifier belong in SSDlite, which is cut behind the expansion of the tapped blocks: the rest of
 * such a block opens the next piece.
 *
 * @param taps numbers of the tapped layers, ascending; 13 is the one of stride 16
 */
export function mobileNetV3KeyToSsdlite(key: string, taps: readonly number[] = [13]): string | undefined {
  const { layer, rest } = featureKey(key) ?? {};
  if (layer === undefined || rest === undefined) return undefined;
  const piece = taps.filter((tap) => tap < layer).length;
  const place = piece === 0 ? layer : layer - taps[piece - 1]!;
  const [, child, inner] = (taps.includes(layer) && /^block\.(\d+)\.(.+)$/.exec(rest)) || [];
  if (child === undefined) return `backbone.features.${piece}.${place}.${rest}`;
  return child === "0" ? `backbone.features.${piece}.${place}.${inner}` : `backbone.features.${piece + 1}.0.${child}.${inner}`;
}

/** Where the weights of a ResNet classifier belong in RetinaNet. */
export function resnetKeyToRetinaNet(key: string): string | undefined {
  return key.startsWith("fc.") ? undefined : `backbone.body.${key}`;
}

/** Of a block of MobileNetV2 in torchvision, the child of `conv` that is a plain convolution or its norm → where Jetson numbers it. */
const flatChildren = { first: { 1: 3, 2: 4 }, later: { 2: 6, 3: 7 } } as Record<string, Record<string, number>>;

/** Where the weights of a MobileNetV2 classifier belong in pytorch-ssd's, whose blocks are flat lists of layers. */
export function mobileNetV2KeyToJetson(key: string): string | undefined {
  const { layer, rest } = featureKey(key) ?? {};
  if (layer === undefined || rest === undefined) return undefined;
  const [, child, inner, name] = /^conv\.(\d)\.(?:(\d)\.)?(\w+)$/.exec(rest) ?? [];
  if (child === undefined) return `base_net.${layer}.${rest}`;
  const place = inner === undefined ? flatChildren[layer === 1 ? "first" : "later"]![child] : 3 * Number(child) + Number(inner); // 3: with its ReLU
  return `base_net.${layer}.conv.${place}.${name}`;
}

const BLOCKS_OF_STAGES = [1, 2, 3, 4, 3, 3, 1]; // MobileNetV2's table 2

/** Where the weights of a MobileNetV2 classifier belong in MobileSparrow's, which counts stages and blocks. It has no last convolution. */
export function mobileNetV2KeyToSparrow(key: string): string | undefined {
  const { layer, rest } = featureKey(key) ?? {};
  if (layer === 0) return `backbone.stem.${rest}`;
  let block = (layer ?? 0) - 1;
  for (const [stage, blocks] of BLOCKS_OF_STAGES.entries()) {
    if (block >= 0 && block < blocks) return `backbone.features.${stage}.${block}.${rest}`;
    block -= blocks;
  }
  return undefined;
}
