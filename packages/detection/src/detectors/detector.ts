import { type Device, nn, ops, outsideInference, scope, type Tensor, tensor, toDevice } from "@singleshot/torch";
import type { Detections, InputOptions, Window } from "@singleshot/vision";
import { normalizeImages } from "../backbones/index.js";
import { type Anchors, anchorsPerCell, anchorTable, type BoxCoder, boxCoder, type GridSize, matcher } from "../boxes/index.js";
import {
  type Among,
  type DetectionLoss,
  type GroundTruth,
  type Losses,
  lossOf,
  type TargetRules,
  type Targets,
  targetsFor,
  truthOn,
} from "../losses/index.js";
import type { DetectorOptions } from "../recipes/index.js";
import type { HeadOutputs, Network } from "./network.js";
import { postprocess } from "./postprocess.js";

/** What a forward pass is about. */
export interface Frame {
  /** The detector's own, not to be disposed. */
  anchors: Anchors;
  /** How many of the A each feature map has. */
  levels: number[];
  /** Size of the input. */
  input: GridSize;
}

/** The first part of a forward pass. */
export interface Features extends Frame {
  maps: Tensor[];
}

/** The answers of one forward pass. */
export interface Raw extends HeadOutputs, Frame {}

const gridOf = (map: Tensor): GridSize => {
  const [, , height = 0, width = 0] = map.shape;
  return { height, width };
};

/**
 * A single-shot detector: one pass over the picture answers for every anchor. A network, and parts that its recipe names. Pictures and
 * ground truth may come from anywhere: they are brought to the network's device.
 */
export class Detector extends nn.Module {
  readonly #coder: BoxCoder;
  readonly #rules: Omit<TargetRules, "iouEpsilon">;
  readonly #loss: DetectionLoss;
  readonly #anchors = new Map<string, Anchors>();
  readonly #network: Network;

  constructor(
    network: Network,
    readonly options: DetectorOptions,
    readonly classes: readonly string[],
  ) {
    super();
    this.#network = network;
    this.#coder = boxCoder(options.coder);
    this.#rules = { matcher: matcher(options.matcher), coder: this.#coder };
    this.#loss = lossOf(options, classes);
  }

  /** The network's own keys, without a prefix: files of the original systems fit. */
  override *modules(prefix = ""): Iterable<[string, nn.Module]> {
    yield [prefix, this];
    yield* this.#network.modules(prefix);
  }

  get network(): Network {
    return this.#network;
  }

  /** How pictures are laid into the network's input. */
  get input(): InputOptions {
    return this.options.input;
  }

  /**
   * [N, 3, H, W], uint8 or floats in 0 to 1 → floats as the network wants them, in the same memory format.
   * @param extents [N, 2] int64, height and width of what is no padding: that becomes zero
   */
  normalize(images: Tensor, extents?: Tensor): Tensor {
    return scope(() => {
      const { device } = this;
      const normalized = normalizeImages(toDevice(images, device), this.options.normalization, { dtype: this.#dtype() });
      return extents ? normalized.maskedFill_(paddingOf(gridOf(images), toDevice(extents, device)), 0) : normalized;
    });
  }

  #dtype(): "float32" | "float64" {
    return this.parameters().values().next().value?.dtype === "float64" ? "float64" : "float32";
  }

  /** Normalised images [N, 3, H, W] → the network's answers. */
  forward(images: Tensor): Raw {
    return scope(() => this.answer(this.features(images)));
  }

  /** Normalised images [N, 3, H, W] → the maps that the heads look at. The anchors are known then, and can be matched. */
  features(images: Tensor): Features {
    const input = gridOf(images);
    const maps = scope(() => this.#network.features(images));
    const grids = maps.map(gridOf);
    const anchors = this.#anchorsFor(grids, input, { dtype: images.dtype === "float64" ? "float64" : "float32", device: images.device });
    const cells = grids.map(({ height, width }) => height * width);
    const levels = this.options.anchors.levels.map((level, i) => cells[i]! * anchorsPerCell(level));
    return { maps, anchors, levels, input };
  }

  answer({ maps, ...frame }: Features): Raw {
    return { ...scope(() => this.#network.answer(maps)), ...frame };
  }

  #anchorsFor(grids: GridSize[], input: GridSize, { dtype, device }: { dtype: "float32" | "float64"; device: Device }): Anchors {
    const key = JSON.stringify([grids, input, dtype, device]);
    const known = this.#anchors.get(key);
    if (known) return known;
    const options = { into: (dtype === "float64" ? Float64Array : Float32Array) as typeof Float32Array };
    const { xyxy, cxcywh } = anchorTable(this.options.anchors, grids, input, options);
    const kept = (values: Float32Array) => new nn.Buffer(tensor(values, { shape: [values.length / 4, 4], device }));
    const anchors = outsideInference(() => ({ xyxy: kept(xyxy), cxcywh: kept(cxcywh) }));
    this.#anchors.set(key, anchors);
    return anchors;
  }

  /** The two losses of a batch, in float32 or better whatever the forward pass ran in. */
  loss(raw: Raw, truth: GroundTruth): Losses {
    return scope(() => this.lossAgainst(this.targets(raw, truth), raw));
  }

  /** What every anchor should answer. */
  targets({ anchors, input }: Frame, truth: GroundTruth): Targets {
    const iouEpsilon = this.options.matcher.iouEpsilon * input.width * input.height;
    return scope(() => targetsFor(anchors, truthOn(anchors.xyxy.device, truth), { ...this.#rules, iouEpsilon }));
  }

  /** @param among what all processes have that share the batch, where there are several */
  lossAgainst(targets: Targets, { logits, deltas, anchors }: Raw, among?: Among): Losses {
    const precise = (t: Tensor) => (t.dtype === "bfloat16" || t.dtype === "float16" ? t.to("float32") : t);
    const frame = { anchors, coder: this.#coder, ...(among && { among }) };
    return scope(() => this.#loss({ logits: precise(logits), deltas: precise(deltas) }, targets, frame));
  }

  /**
   * Detections of a batch in pixels of the network's input, one record a picture, best first. Label 0 occurs where a network keeps a
   * channel for background that is never trained.
   *
   * @param windows the pictures' parts of the input, to which boxes are clipped; left out: all of it
   */
  postprocess(raw: Raw, windows?: readonly Window[]): Detections[] {
    return postprocess(raw, this.options, this.#coder, windows);
  }

  override dispose(): void {
    super.dispose();
    for (const { xyxy, cxcywh } of this.#anchors.values()) for (const tensor of [xyxy, cxcywh]) tensor.dispose();
    this.#anchors.clear();
  }
}

/** [N, 1, H, W] bool: rows and columns behind each picture's end. */
function paddingOf({ height, width }: GridSize, extents: Tensor): Tensor {
  const [rows, columns] = extents.view([-1, 1, 1, 2]).unbind({ dim: -1 }) as [Tensor, Tensor]; // each [N, 1, 1]
  const integers = { dtype: "int64", device: extents.device } as const;
  const below = ops.arange(0, height, integers).view([1, height, 1]).ge(rows);
  const behind = ops.arange(0, width, integers).view([1, 1, width]).ge(columns);
  return below.logicalOr(behind).unsqueeze(1);
}
