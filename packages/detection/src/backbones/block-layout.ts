import { nn } from "@singleshot/torch";

/** How the layers of a block are numbered, given its pairs of convolution and batch norm. */
export type BlockLayout = (pieces: readonly nn.Sequential[]) => nn.Sequential;

/** torchvision's: every pair is a child of its own but the last, whose layers stand beside them: 0.0, 0.1, 1.0, 1.1, 2, 3. */
export const nestedLayout: BlockLayout = (pieces) => new nn.Sequential([...pieces.slice(0, -1), ...pieces.at(-1)!.layers]);

/** All layers side by side, an activation counted although it is fused into its batch norm: 0, 1, (2), 3, 4, (5), 6, 7. */
export const flatLayout: BlockLayout = (pieces) => {
  const numbered: Record<number, nn.Layer> = {};
  let number = 0;
  for (const layer of pieces.flatMap(({ layers }) => layers)) {
    numbered[number] = layer;
    number += layer instanceof nn.BatchNorm2d && layer.activation !== "none" ? 2 : 1;
  }
  return new nn.Sequential(numbered);
};
