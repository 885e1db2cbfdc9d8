import { golden } from "@singleshot/testing";
import { fromBuffer } from "@singleshot/torch";
import { type Anchors, type AnchorTable, anchorTable, type GridSize } from "../boxes/index.js";
import { type AnchorOptions, detectorSchemaPart } from "../recipes/index.js";

/** A table of anchors as one of the originals makes it: boxes/anchors.json. */
export interface AnchorSet {
  name: string;
  coordinates: string;
  image: [height: number, width: number];
  feature_maps?: ([height: number, width: number] | number)[];
  count: number;
  column_sums: number[];
  first: number[][];
  last: number[][];
  rows: number[];
  values: number[][];
  // torchvision
  config?: {
    generator: string;
    aspect_ratios: number[][];
    min_ratio?: number;
    max_ratio?: number;
    scales?: number[];
    steps?: number[];
    clip?: boolean;
    sizes?: number[][];
  };
  per_location?: number[];
  // pytorch-ssd
  specs?: { feature_map: number; shrinkage: number; min: number; max: number; ratios: number[] }[];
  // GluonCV, MobileSparrow
  sizes?: number[];
  ratios?: number[][] | number[];
  steps?: number[];
  strides?: number[];
  scales?: number[];
  // the RetinaNet tutorial
  base_hw?: [number, number][];
  levels?: number;
  first_stride?: number;
}

export const anchorSets = (golden("boxes/anchors") as { sets: AnchorSet[] }).sets;

export function anchorSet(name: string): AnchorSet {
  const found = anchorSets.find((set) => set.name === name);
  if (!found) throw new Error(`boxes/anchors has no set ${name}`);
  return found;
}

/** The sizes of the feature maps. */
export function gridsOf({ feature_maps, specs, levels, first_stride, image }: AnchorSet): GridSize[] {
  const square = (side: number) => ({ height: side, width: side });
  if (specs) return specs.map(({ feature_map }) => square(feature_map));
  if (feature_maps) return feature_maps.map((map) => (typeof map === "number" ? square(map) : { height: map[0], width: map[1] }));
  const strides = Array.from({ length: levels! }, (_, k) => first_stride! * 2 ** k);
  return strides.map((stride) => square(Math.floor((image[0] - 1) / stride) + 1)); // a point on every border: one more than the steps that fit
}

/** The arguments of each original's generator as our options. */
export function optionsOf(set: AnchorSet): AnchorOptions {
  const { config, specs, base_hw, strides, sizes } = set;
  if (config?.generator === "DefaultBoxGenerator") return defaultBoxes(config);
  if (config) return rounded(config, gridsOf(set).length);
  if (specs) return priors(specs, set.image[0]);
  if (base_hw) return tutorial(base_hw, set.levels!, set.first_stride!);
  if (strides) return strided(set);
  if (sizes) return gluon(set);
  throw new Error(`${set.name}: no such generator`);
}

const complete = (options: Parameters<typeof detectorSchemaPart.anchors.parse>[0]) => detectorSchemaPart.anchors.parse(options);

function defaultBoxes({ aspect_ratios, min_ratio = 0.15, max_ratio = 0.9, steps, scales, clip = true }: NonNullable<AnchorSet["config"]>) {
  const count = aspect_ratios.length;
  const even = Array.from({ length: count }, (_, k) => min_ratio + ((max_ratio - min_ratio) * k) / (count - 1));
  const sides = scales ?? [...even, 1];
  const levels = aspect_ratios.map((ratios, k) => ({ scale: sides[k]!, nextScale: sides[k + 1]!, ratios, step: steps?.[k] }));
  return complete({ levels, clip: clip ? "sizes" : "none" });
}

function rounded({ sizes, aspect_ratios }: NonNullable<AnchorSet["config"]>, count: number) {
  const levels = Array.from({ length: count }, (_, k) => ({
    shapes: aspect_ratios[k]!.flatMap((ratio) =>
      sizes![k]!.map((size): [number, number] => [size / Math.sqrt(ratio), size * Math.sqrt(ratio)]),
    ),
    step: "floor" as const,
  }));
  return complete({ unit: "pixel", center: 0, round: true, levels });
}

function priors(specs: NonNullable<AnchorSet["specs"]>, side: number) {
  const levels = specs.map(({ shrinkage, min, max, ratios }) => ({ scale: min / side, nextScale: max / side, ratios, step: shrinkage }));
  return complete({ levels, clip: "boxes", keeps: "centers" });
}

function gluon({ sizes, ratios, steps }: AnchorSet) {
  const levels = (ratios as number[][]).map((own, k) => {
    const inverses = own.slice(1).filter((_, i) => i % 2 === 0);
    return { scale: sizes![k]!, nextScale: sizes![k + 1]!, ratios: inverses, step: steps![k]! };
  });
  return complete({ unit: "pixel", keeps: "centers", levels });
}

function strided({ name, strides, ratios, scales }: AnchorSet) {
  const levels = strides!.map((stride) => ({
    shapes: (ratios as number[]).flatMap((ratio) =>
      scales!.map((scale): [number, number] => [stride * scale * Math.sqrt(ratio), (stride * scale) / Math.sqrt(ratio)]),
    ),
    step: stride,
  }));
  return complete({ unit: "pixel", keeps: "centers", order: name.endsWith("type_major") ? "shape" : "cell", levels });
}

function tutorial(base: readonly [number, number][], count: number, firstStride: number) {
  const levels = Array.from({ length: count }, (_, k) => ({
    shapes: base.map(([height, width]): [number, number] => [width * 2 ** k, height * 2 ** k]),
    step: firstStride * 2 ** k,
  }));
  return complete({ unit: "pixel", center: 0, keeps: "centers", levels });
}

/**
 * The set's anchors as we make them.
 *
 * @param relative in shares of the input instead of pixels, the unit of pytorch-ssd and MobileSparrow
 */
export function anchorsOf(set: AnchorSet, { relative = false } = {}): AnchorTable<Float32Array> {
  const [height, width] = set.image;
  if (!relative) return anchorTable(optionsOf(set), gridsOf(set), { height, width });
  const options = optionsOf(set);
  const levels = options.levels.map((level) => ({
    ...shares(level, options.unit === "pixel" ? width : 1),
    step: (level.step as number) / width,
  }));
  return anchorTable({ ...options, unit: "share", levels }, gridsOf(set), { height: 1, width: 1 });
}

function shares(level: AnchorOptions["levels"][number], side: number): AnchorOptions["levels"][number] {
  if (!("shapes" in level)) return { ...level, scale: level.scale / side, nextScale: level.nextScale / side };
  return { ...level, shapes: level.shapes.map(([w, h]): [number, number] => [w / side, h / side]) };
}

/** On the device. */
export const anchorTensors = ({ xyxy, cxcywh }: AnchorTable<Float32Array>): Anchors => ({
  xyxy: fromBuffer(xyxy, [xyxy.length / 4, 4]),
  cxcywh: fromBuffer(cxcywh, [cxcywh.length / 4, 4]),
});
