import { InputError } from "@singleshot/vision";
import { openTerminal } from "../../terminal/index.js";
import { deviceFor, FIRST_GPU, type Program } from "../program/index.js";
import { isNet, nets } from "./nets.js";

const OUTPUT = "run_ssd_example_output.jpg";
const SCORE = 0.4;
const TOP_K = 10; // of each class

export const runSsdExample: Program<object> = {
  name: "run_ssd_example",
  summary: "draw what is found in a picture",
  description: `Find things in a picture and draw them into ${OUTPUT}, as pytorch-ssd's run_ssd_example.py does.`,
  rows: [],
  words: "<net> <model> <labels> <image>",
  examples: ["jetson run_ssd_example mb1-ssd models/fruit/mb1-ssd-Epoch-9-Loss-2.31.pth models/fruit/labels.txt apple.jpg"],
  run: (_, __, [net, model, labels, image]) => run(net!, model!, labels!, image!),
};

async function run(net: string, model: string, labels: string, image: string): Promise<void> {
  if (!isNet(net)) throw new InputError(`${net} is no network of pytorch-ssd`, { fix: `it can be ${nets.join(", ")}` });
  const { say } = openTerminal();
  const [{ detectPictures }, { openModel }, { classesOf }, { decodePicture, drawDetections, writePicture }] = await Promise.all([
    import("@singleshot/detection"),
    import("./open-model.js"),
    import("./classes.js"),
    import("@singleshot/vision/node"),
  ]);
  const { device } = await deviceFor(FIRST_GPU);
  const said = { net, given: new Set(["net"]), classes: () => classesOf(labels) };
  const { detector } = await openModel(model, said, { device, adjust: strong });
  const picture = await decodePicture(image);
  const [found] = detectPictures(detector, [picture]);
  await writePicture(OUTPUT, await drawDetections(picture, found!, detector.classes));
  say(`Found ${found!.scores.length} objects. The output image is ${OUTPUT}`);
}

const strong = <Recipe extends { detector: { postprocess: object } }>(recipe: Recipe): Recipe => {
  const postprocess = { ...recipe.detector.postprocess, scoreThreshold: SCORE, maxPerClass: TOP_K };
  return { ...recipe, detector: { ...recipe.detector, postprocess } };
};
