import { nn, type Tensor } from "@singleshot/torch";
import { type LinearBottleneck, stagesOf, type Trunk } from "../backbones/index.js";
import { answersOfMaps, lastConvolution } from "./heads.js";
import { type HeadOptions, type HeadOutputs, Network, requireAnchors } from "./network.js";
import type { PredictionLayer } from "./ssd.js";

/** Where the heads look into the trunk. */
export interface Tap {
  /** Number of the layer. */
  layer: number;
  /** Channels of the map. */
  channels: number;
  /** Behind the layer, or inside a bottleneck, where it is widest and not yet strided. */
  at?: "output" | "expansion";
  /** What the heads' map goes through; the trunk goes on without it. */
  addOn?: nn.Layer;
}

export interface ExtraOptions {
  /** Channels in between. */
  squeezed: number;
  out: number;
  stride?: number;
  padding?: number;
}

/** What one of pytorch-ssd's networks is made of. */
export interface JetsonParts {
  trunk: Trunk;
  taps: readonly Tap[];
  /** One after the other behind the trunk, each a map for the heads. */
  extras: readonly ExtraOptions[];
  extraLayer: (inChannels: number, options: ExtraOptions) => nn.Layer;
  header: PredictionLayer;
  /** For the last map, of one cell; left out: as for the others. */
  lastHeader?: PredictionLayer;
}

/** The skeleton that pytorch-ssd's five networks share; its fields are their state-dict keys. */
export class JetsonSsd extends Network {
  readonly baseNet: nn.Sequential;
  readonly extras: nn.Sequential;
  readonly classificationHeaders: nn.Layer[];
  readonly regressionHeaders: nn.Layer[];
  readonly sourceLayerAddOns: nn.Layer[];
  readonly #taps: ReadonlyMap<number, Tap>;
  readonly #stages: nn.Layer[][];
  readonly #classes: number;

  constructor(parts: JetsonParts, headOptions: HeadOptions) {
    super();
    const { trunk, taps, extras, extraLayer, header, lastHeader = header } = parts;
    const channels = [...taps, ...extras].map((map) => ("out" in map ? map.out : map.channels));
    requireAnchors(headOptions, channels.length);
    const { channels: classes, anchorsPerCell } = headOptions;
    const headers = (columns: number) =>
      channels.map((inChannels, i) => (i < channels.length - 1 ? header : lastHeader)(inChannels, anchorsPerCell[i]! * columns));
    this.baseNet = new nn.Sequential(trunk.layers);
    this.extras = new nn.Sequential(extras.map((extra, i) => extraLayer(extras[i - 1]?.out ?? trunk.channels.at(-1)!, extra)));
    this.classificationHeaders = headers(classes);
    this.regressionHeaders = headers(4);
    this.sourceLayerAddOns = taps.flatMap(({ addOn }) => addOn ?? []);
    this.#taps = new Map(taps.map((tap) => [tap.layer, tap]));
    this.#stages = stagesOf(trunk);
    this.#classes = classes;
    this.#start();
  }

  /** The original's start for a pretrained base: Glorot's for the weights behind it. Started whole from nothing it forgets this. */
  #start(): void {
    for (const part of [this.extras, ...this.heads, ...this.sourceLayerAddOns])
      for (const [, module] of part.modules()) if (module instanceof nn.Conv2d) nn.init.xavierUniform_(module.weight);
  }

  features(images: Tensor): Tensor[] {
    const maps: Tensor[] = [];
    let map = images;
    for (const [i, layer] of this.baseNet.layers.entries()) {
      const { output, seen } = pass(layer, map, this.#taps.get(i));
      map = output;
      if (seen) maps.push(seen);
    }
    for (const extra of this.extras.layers) {
      map = extra.forward(map);
      maps.push(map);
    }
    return maps;
  }

  answer(features: readonly Tensor[]): HeadOutputs {
    return {
      logits: answersOfMaps(this.classificationHeaders, features, this.#classes),
      deltas: answersOfMaps(this.regressionHeaders, features, 4),
    };
  }

  get stages(): nn.Layer[][] {
    return this.#stages;
  }

  get heads(): nn.Layer[] {
    return [...this.classificationHeaders, ...this.regressionHeaders];
  }

  get classLayers(): nn.Conv2d[] {
    return this.classificationHeaders.map(lastConvolution);
  }
}

/** What goes on through the trunk, and what the heads see of it where they look. */
function pass(layer: nn.Layer, input: Tensor, tap: Tap | undefined): { output: Tensor; seen?: Tensor } {
  if (tap?.at === "expansion") {
    const bottleneck = layer as LinearBottleneck;
    const seen = bottleneck.expand(input);
    return { output: bottleneck.project(seen), seen };
  }
  const output = layer.forward(input);
  return tap ? { output, seen: tap.addOn?.forward(output) ?? output } : { output };
}
