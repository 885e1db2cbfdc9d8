import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeFileAtomic } from "@singleshot/base/atomic-file";
import { detectExported, type Feeds, type OnnxModel, type OnnxNode, type Outputs, onnxBytes, type Picture } from "@singleshot/vision";
import { openOnnx } from "../onnx-runtime.js";
import { quantized, type Range } from "./quantize.js";
import { quantizedValues } from "./quantized-values.js";

/** What an 8-bit model needs to know of its values; opset 13 brought scales for each channel. */
export const LEAST_OPSET_OF_INT8 = 13;

/**
 * A model in 8 bits, whose ranges are those that its values have on some pictures: the mean of the pictures' own extremes, so that one
 * odd picture does not coarsen all the others.
 */
export async function calibrated(model: OnnxModel, pictures: AsyncIterable<Picture> | Iterable<Picture>): Promise<OnnxModel> {
  const names = quantizedValues(model.graph);
  const file = join(tmpdir(), `singleshot-calibration-${randomBytes(6).toString("hex")}.onnx`);
  try {
    writeFileAtomic(file, onnxBytes(withExtremes(model, names)));
    return quantized(model, await rangesOn(file, names, pictures));
  } finally {
    rmSync(file, { force: true });
  }
}

const extremes = (name: string) => ({ least: `${name}.least`, greatest: `${name}.greatest` });

/** The model that also tells the extremes of values. */
function withExtremes(model: OnnxModel, names: readonly string[]): OnnxModel {
  const nodes = names.flatMap((name): OnnxNode[] => {
    const { least, greatest } = extremes(name);
    return [
      { operator: "ReduceMin", inputs: [name], outputs: [least], attributes: { keepdims: 0 } },
      { operator: "ReduceMax", inputs: [name], outputs: [greatest], attributes: { keepdims: 0 } },
    ];
  });
  const { graph } = model;
  const told = nodes.map(({ outputs }) => ({ name: outputs[0]!, dtype: "float32" as const, shape: [] }));
  return { ...model, graph: { ...graph, nodes: [...graph.nodes, ...nodes], outputs: [...graph.outputs, ...told] } };
}

async function rangesOn(
  file: string,
  names: readonly string[],
  pictures: AsyncIterable<Picture> | Iterable<Picture>,
): Promise<Map<string, Range>> {
  const runtime = await openOnnx(file);
  const sums = new Map(names.map((name) => [name, { least: 0, greatest: 0 }]));
  let count = 0;
  const run = async (feeds: Feeds): Promise<Outputs> => {
    const outputs = await runtime.run(feeds);
    count++;
    for (const [name, sum] of sums) {
      const { least, greatest } = extremes(name);
      sum.least += Number(outputs[least]!.data[0]);
      sum.greatest += Number(outputs[greatest]!.data[0]);
    }
    return outputs;
  };
  try {
    for await (const picture of pictures) await detectExported({ card: runtime.card, run }, [picture]);
  } finally {
    await runtime.close();
  }
  return new Map([...sums].map(([name, { least, greatest }]) => [name, [least / count, greatest / count]]));
}
