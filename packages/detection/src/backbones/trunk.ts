import { nn, type Tensor } from "@singleshot/torch";

/** A network up to its last map, as a list of layers that a detector cuts where it takes a map: [N, 3, H, W] → [N, C, H / s, W / s]. */
export interface Trunk {
  layers: nn.Layer[];
  /** Channels behind each layer. */
  channels: number[];
  /** Behind each layer, the pixels of the picture that one cell of the map stands for along each side. */
  strides: number[];
}

/** A network that gives maps instead of an answer, finest first: [N, 3, H, W] → L × [N, channels, H / stride, W / stride]. */
export type Body = nn.Module & {
  readonly channels: readonly number[];
  readonly strides: readonly number[];
  forward(images: Tensor): Tensor[];
};

/** The number of the last layer whose map has this stride. @throws RangeError where the network has none */
export function lastAtStride({ strides }: Trunk, stride: number): number {
  const layer = strides.lastIndexOf(stride);
  if (layer < 0) throw new RangeError(`no layer has stride ${stride}; there are ${[...new Set(strides)].join(", ")}`);
  return layer;
}

/** The layers in stages: a new one begins where the map becomes smaller. */
export function stagesOf({ layers, strides }: Trunk): nn.Layer[][] {
  const stages: nn.Layer[][] = [];
  layers.forEach((layer, i) => {
    if (strides[i] === strides[i - 1]) stages.at(-1)!.push(layer);
    else stages.push([layer]);
  });
  return stages;
}

/** The outputs of layers that follow each other. One that works in place (VGG's ReLU) overwrites the output before it. */
export function mapsBehind(layers: readonly nn.Layer[], input: Tensor): Tensor[] {
  const maps: Tensor[] = [];
  for (const layer of layers) maps.push(layer.forward(maps.at(-1) ?? input));
  return maps;
}

/** Runs a trunk up to the deepest of the layers asked for and gives their maps; state-dict keys `features.<i>`. */
export class TrunkBody extends nn.Module {
  readonly features: nn.Sequential;
  readonly channels: readonly number[];
  readonly strides: readonly number[];
  readonly #taps: readonly number[];

  /** @param taps numbers of layers, ascending */
  constructor(trunk: Trunk, taps: readonly number[]) {
    super();
    this.features = new nn.Sequential(trunk.layers.slice(0, taps.at(-1)! + 1));
    this.channels = taps.map((tap) => trunk.channels[tap]!);
    this.strides = taps.map((tap) => trunk.strides[tap]!);
    this.#taps = taps;
  }

  forward(images: Tensor): Tensor[] {
    const maps = mapsBehind(this.features.layers, images);
    return this.#taps.map((tap) => maps[tap]!);
  }
}

/** The maps at these strides, each as deep as the network has it. */
export const bodyAtStrides = (trunk: Trunk, strides: readonly number[]): TrunkBody =>
  new TrunkBody(
    trunk,
    strides.map((stride) => lastAtStride(trunk, stride)),
  );
