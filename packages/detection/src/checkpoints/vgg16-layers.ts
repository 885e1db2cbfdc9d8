import { scope, type Tensor } from "@singleshot/torch";

const FC6 = 31; // behind VGG16's 31 layers, counted from 0, stands a pooling of SSD's
const FC7 = 33;

/** What a file of features alone does not have. */
export const FULLY_CONNECTED: readonly string[] = [FC6, FC7].flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]);

/**
 * The weights of VGG16 by the numbers of its layers in SSD (`0.weight` to `28.bias`, fc6 at 31, fc7 at 33), whichever file they are from:
 * torchvision's classifier, a file with its features alone, or pytorch-ssd's base, which is numbered like this already. The classifier's
 * fully connected layers become convolutions with holes, where they hold numbers: torchvision's IMAGENET1K_FEATURES has NaN there.
 *
 * @see Liu et al. 2016, §3 (arXiv:1512.02325)
 */
export function vgg16Layers(weights: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const numbered = [...weights].flatMap(([key, value]): [string, Tensor][] => {
    if (key.startsWith("classifier.")) return [];
    return [[key.replace(/^features\./, ""), value]];
  });
  return new Map([...numbered, ...Object.entries(withHoles(weights))]);
}

const EVERY = 4; // of 4096 channels 1024 are left
const APART = 3; // of 7 rows and columns 3: with a dilation of 6 they look at the same places

function withHoles(weights: ReadonlyMap<string, Tensor>): Record<string, Tensor> {
  const [weight6, bias6, weight7, bias7] = ["0.weight", "0.bias", "3.weight", "3.bias"].map((key) => weights.get(`classifier.${key}`));
  if (!weight6 || !bias6 || !weight7 || !bias7 || !hasNumbers(weight6) || !hasNumbers(weight7)) return {};
  const fewer = (tensor: Tensor, dim: number, step = EVERY) => tensor.slice({ dim, step });
  const places = fewer(fewer(fewer(weight6.view([weight6.shape[0]!, -1, 7, 7]), 0), 2, APART), 3, APART);
  return {
    [`${FC6}.weight`]: places,
    [`${FC6}.bias`]: fewer(bias6, 0),
    [`${FC7}.weight`]: fewer(fewer(weight7, 0), 1).unsqueeze(-1).unsqueeze(-1),
    [`${FC7}.bias`]: fewer(bias7, 0),
  };
}

const hasNumbers = (tensor: Tensor): boolean => scope(() => tensor.isfinite().logicalNot().sum().item() === 0);
