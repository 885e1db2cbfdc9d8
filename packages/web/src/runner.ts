import type { Feeds, ModelCard, Outputs, Runner } from "@singleshot/vision";
import { type InferenceSession, Tensor } from "onnxruntime-web/wasm";

/** A session of onnxruntime as vision asks for it. */
export function runnerOf(session: InferenceSession, card: ModelCard): Runner {
  const run = async (feeds: Feeds): Promise<Outputs> => {
    const given = Object.entries(feeds).map(([name, { type, data, shape }]) => [name, new Tensor(type, data as Uint8Array, shape)]);
    const results = Object.entries(await session.run(Object.fromEntries(given)));
    return Object.fromEntries(results.map(([name, { data, dims }]) => [name, { data: data as Float32Array, shape: dims }]));
  };
  return { card, run };
}
