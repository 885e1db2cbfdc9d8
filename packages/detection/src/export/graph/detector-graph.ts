import type { Tensor } from "@singleshot/torch";
import type { ModelCard, OnnxGraph } from "@singleshot/vision";
import type { Detector } from "../../detectors/index.js";
import { computedAnchors } from "./anchors-graph.js";
import { convertedBytes } from "./elements.js";
import { GraphBuilder } from "./graph-builder.js";
import { type DetectorTapes, recordDetector } from "./network-graph.js";
import { fixedLimits, layPicture, limitsOf } from "./picture-graph.js";
import { type Found, requireSelectable, selection, type Table } from "./selection.js";
import { translate } from "./translation.js";

export type GraphName = ModelCard["graph"];

export interface GraphOptions {
  graph: GraphName;
  /** Version of ONNX's operators. */
  opset: number;
  /** Of the network; what comes before and after it stays in float32. */
  float: "float32" | "float16";
  /** Of the raw graph, which has a fixed one. */
  batchSize: number;
  /** What the raw graph's input holds: pixels normalised as the recipe says, or from -1 to 1 as detectNet of jetson-inference does. */
  normalize: "recipe" | "jetson";
}

/** The parts of one graph in the making. */
interface Parts {
  graph: GraphBuilder;
  detector: Detector;
  tapes: DetectorTapes;
  options: GraphOptions;
  /** The input's sides in the shape of an input or output: where it has many sizes, by letters. */
  sides: [number | string, number | string];
}

/** A detector as an ONNX graph (docs/export.md has the inputs and outputs of each), and the anchors of its levels where they are fixed. */
export function detectorGraph(detector: Detector, options: GraphOptions): { graph: OnnxGraph; levels?: readonly number[] } {
  if (options.graph === "nms" || options.graph === "image") requireSelectable(detector.options);
  const graph = new GraphBuilder(options.opset);
  const tapes = recordDetector(detector);
  const { height, width } = tapes.input;
  const parts: Parts = {
    graph,
    detector,
    tapes,
    options,
    sides: detector.input.resize === "sides" ? ["height", "width"] : [height, width],
  };
  graphs[options.graph](parts);
  return { graph: graph.build(`singleshot ${options.graph}`), ...(detector.input.resize !== "sides" && { levels: tapes.levels }) };
}

const graphs: Record<GraphName, (parts: Parts) => void> = {
  raw: ({ graph, detector, tapes, options, sides, ...rest }) => {
    const N = options.batchSize;
    const input = graph.input("input_0", "float32", [N, 3, ...sides]);
    const images = options.normalize === "jetson" ? fromJetson(graph, detector, input) : input;
    const table = answers({ graph, detector, tapes, options, sides, ...rest }, images);
    graph.output("scores", table.scores, "float32", [N, anchorsOf({ detector, tapes }), table.columns]);
    graph.output("boxes", relative(graph, table.boxes, images, sides), "float32", [N, anchorsOf({ detector, tapes }), 4]);
  },
  decoded: (parts) => {
    const { graph } = parts;
    const table = answers(parts, laidBytes(parts));
    graph.output("scores", table.scores, "float32", ["N", anchorsOf(parts), table.columns]);
    graph.output("boxes", table.boxes, "float32", ["N", anchorsOf(parts), 4]);
    graph.output("levels", graph.add("Concat", table.levels, { axis: 0 }), "int64", [table.levels.length]);
  },
  nms: (parts) => {
    const { graph, detector } = parts;
    const { clipTo } = detector.options.postprocess;
    const images = laidBytes(parts);
    const limits =
      detector.input.resize === "sides"
        ? limitsOf(graph, { corner: graph.constant("float32", [0, 0]), size: graph.slice(graph.add("Shape", [images]), 0, 2, 4) }, clipTo)
        : fixedLimits(graph, parts.tapes.input, clipTo);
    const found = selection(graph, answers(parts, images), detector.options, limits);
    outputFound(graph, found);
    graph.output("batch", found.batch, "int64", ["K"]);
  },
  image: (parts) => {
    const { graph, detector, tapes } = parts;
    const { clipTo, clip } = detector.options.postprocess;
    const image = graph.input("image", "uint8", ["height", "width", 3]);
    const normalize = (pixels: string) => translate(graph, tapes.normalize, [pixels])[0]!;
    const { images, limits, toPicture } = layPicture(graph, detector.input, image, { normalize, clipTo, clips: clip !== "none" });
    const found = selection(graph, answers(parts, images), detector.options, limits);
    outputFound(graph, { ...found, boxes: toPicture(found.boxes) });
  },
};

function outputFound(graph: GraphBuilder, { boxes, scores, labels }: Found): void {
  graph.output("boxes", boxes, "float32", ["K", 4]);
  graph.output("scores", scores, "float32", ["K"]);
  graph.output("labels", labels, "int64", ["K"]);
}

const anchorsOf = ({ detector, tapes }: Pick<Parts, "detector" | "tapes">): number | string =>
  detector.input.resize === "sides" ? "A" : tapes.levels.reduce((sum, count) => sum + count, 0);

/** Pictures laid into the input, as bytes [N, H, W, 3] → what the network wants, [N, 3, H, W]; padding becomes zero. */
function laidBytes({ graph, detector, tapes, sides }: Parts): string {
  const bytes = graph.input("images", "uint8", ["N", ...sides, 3]);
  const planes = graph.add("Transpose", [bytes], { perm: [0, 3, 1, 2] });
  const images = translate(graph, tapes.normalize, [planes])[0]!;
  return detector.input.resize === "sides" ? withoutPadding(graph, images) : images;
}

/** Rows and columns behind each picture's own height and width become zero. */
function withoutPadding(graph: GraphBuilder, images: string): string {
  const extents = graph.input("extents", "int64", ["N", 2]);
  const shape = graph.add("Shape", [images]);
  const inside = ([0, 1] as const).map((axis) => {
    const length = graph.squeeze(graph.slice(shape, 0, axis + 2, axis + 3), [0]);
    const places = graph.add("Range", [graph.scalar("int64", 0), length, graph.scalar("int64", 1)]);
    const own = graph.unsqueeze(graph.slice(extents, 1, axis, axis + 1), [1, 2]); // [N, 1, 1, 1]
    const shaped = axis === 0 ? graph.unsqueeze(places, [1]) : places; // along rows [H, 1], along columns [W]
    return graph.add("Less", [shaped, own]);
  });
  return graph.add("Where", [graph.add("And", inside), images, graph.scalar("float32", 0)]);
}

/** (x + 1) / 2 is what the recipe normalises. */
function fromJetson(graph: GraphBuilder, { options }: Detector, input: string): string {
  const { mean, std } = options.normalization;
  const perChannel = (of: (mean: number, std: number) => number) =>
    graph.constant(
      "float32",
      mean.map((value, i) => of(value, std[i]!)),
      [1, 3, 1, 1],
    );
  const scaled = graph.add("Mul", [input, perChannel((_, s) => 0.5 / s)]);
  return graph.add("Add", [scaled, perChannel((m, s) => (0.5 - m) / s)]);
}

/** What the network says of normalised images, decoded. */
function answers({ graph, detector, tapes, options }: Parts, images: string): Table {
  const half = options.float === "float16";
  const keys = keysOf(detector);
  const nameOf = (constant: Tensor) => keys.get(addressOf(constant));
  const network = translate(graph, tapes.network, [half ? graph.cast(images, "float16") : images], { nameOf, float: options.float });
  const [logits, deltas, ...maps] = network.map((value, i) => (half && i < 2 ? graph.cast(value, "float32") : value));
  const anchors = anchorsFor({ graph, detector, tapes }, maps, images);
  const [scores, boxes] = translate(graph, tapes.decode, [logits!, deltas!, anchors.xyxy, anchors.cxcywh]);
  return { scores: scores!, boxes: boxes!, columns: tapes.decode.outputs[0]!.shape[2]!, levels: anchors.levels };
}

function anchorsFor({ graph, detector, tapes }: Pick<Parts, "graph" | "detector" | "tapes">, maps: readonly string[], images: string) {
  if (detector.input.resize === "sides") return computedAnchors(graph, detector.options.anchors, maps, images);
  const constant = (name: string, values: Tensor) =>
    graph.tensor({ name, dtype: "float32", shape: values.shape, bytes: () => convertedBytes(values, "float32") });
  const { xyxy, cxcywh } = tapes.anchors;
  return {
    xyxy: constant("anchors.xyxy", xyxy),
    cxcywh: constant("anchors.cxcywh", cxcywh),
    levels: tapes.levels.map((count) => graph.ints([count])),
  };
}

const addressOf = (tensor: Tensor): string => {
  const { address, offset } = tensor.storage;
  return `${address}+${offset}[${tensor.shape}]`;
};

/** State-dict keys by where the tensors lie. */
const keysOf = (detector: Detector): Map<string, string> =>
  new Map([...detector.stateDict()].map(([key, tensor]) => [addressOf(tensor), key]));

/** Boxes as shares of the images' width and height. */
function relative(graph: GraphBuilder, boxes: string, images: string, [height, width]: Parts["sides"]): string {
  if (typeof height === "number" && typeof width === "number")
    return graph.add("Div", [boxes, graph.constant("float32", [width, height, width, height])]);
  const shape = graph.add("Shape", [images]);
  const sides = graph.cast(graph.add("Gather", [shape, graph.ints([3, 2, 3, 2])], { axis: 0 }), "float32");
  return graph.add("Div", [boxes, sides]);
}
