import type { Picture } from "../sample.js";
import { augment, evaluationInput, evaluationPlan, type InputOptions, type Placement } from "../transforms/index.js";

/**
 * A picture as the network sees it, without augmentation.
 *
 * @param out [height, width, 3], where its pixels go
 * @returns the pixels, and where in the input they lie
 */
export function layPicture(picture: Picture, input: InputOptions, out?: Uint8Array): { image: Picture; placement: Placement } {
  const { sample, placement } = augment({ image: picture, ...unmarked }, evaluationPlan(input), firstChoice, evaluationInput(input), out);
  return { image: sample.image, placement };
}

const unmarked = { boxes: new Float32Array(0), labels: new Int32Array(0), flags: new Uint8Array(0), id: "", source: "" };
const firstChoice = () => 0;
