import { expect, test } from "vitest";
import { merge, recipes, resolveRecipe } from "../recipes/index.js";
import { keysOf, sheet } from "../testing/keys.js";
import { createDetector } from "./index.js";

const rows: [sheet: string, recipe: string, network?: object][] = [
  ["ssd300_vgg16", "ssd300-vgg16"],
  ["ssdlite320_mobilenet_v3_large", "ssdlite320"],
  ["ssdlite320_mobilenet_v3_large_fulltail", "ssdlite320-fulltail"],
  ["retinanet_resnet50_fpn", "retinanet-resnet50"],
  ["retinanet_resnet50_fpn_bn", "retinanet-resnet50", { norm: "batch" }],
  ["retinanet_resnet50_fpn_v2", "retinanet-resnet50-v2"],
];

test.each(rows)(
  "the state dict of torchvision's %s with COCO's 91 labels has the keys and shapes of ours, in order",
  (name, recipe, network = {}) => {
    const labels = Array.from({ length: 90 }, (_, i) => `class ${i + 1}`);
    const { detector: options } = resolveRecipe(merge(recipes.get(recipe), { detector: { network } }));
    const detector = createDetector(options, labels);
    expect(keysOf(detector)).toEqual(sheet(`torchvision-${name}`));
    detector.dispose();
  },
);
