import { expectClose } from "@singleshot/testing";
import { defaultGenerator, noGrad, scope, tensor } from "@singleshot/torch";
import type { InputOptions, Picture } from "@singleshot/vision";
import { describe, expect, test } from "vitest";
import { createDetector, prepare } from "../detectors/index.js";
import { merge, recipes, resolveRecipe } from "../recipes/index.js";
import { detectPictures } from "./index.js";

function detectorWith(input: InputOptions) {
  defaultGenerator.seed(4);
  const base = merge(recipes.get("ssdlite320"), { detector: { network: { width: 0.25 }, postprocess: { maxDetections: 20 } } });
  const { detector } = resolveRecipe(base);
  return createDetector({ ...detector, input } as typeof detector, ["thing"]).eval();
}

/** A picture whose upper left quarter is bright. */
function picture(width: number, height: number): Picture {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return x < width / 2 && y < height / 2 ? 220 : 40;
  });
  return { data, width, height };
}

const inputs: [string, InputOptions][] = [
  ["stretched", { resize: "stretch", width: 128, height: 96 }],
  ["a letterbox", { resize: "letterbox", width: 128, height: 128, fill: [114, 114, 114], align: "center", enlarge: true }],
  ["by its sides", { resize: "sides", shortSides: [64, 96], longSide: 160, multiple: 32 }],
];

describe.each(inputs)("pictures laid into the input: %s", (_, input) => {
  const detector = detectorWith(input);

  test("detections lie in the pictures they were found in, whatever their sizes", () => {
    const pictures = [picture(200, 100), picture(90, 120)];
    const found = detectPictures(detector, pictures);
    found.forEach(({ boxes, labels, scores }, i) => {
      expect(scores.length).toBeGreaterThan(0);
      expect(labels.every((label) => label === 1)).toBe(true);
      for (let k = 0; k < boxes.length; k += 4) {
        expect(boxes[k]! >= 0 && boxes[k + 1]! >= 0 && boxes[k + 2]! <= pictures[i]!.width && boxes[k + 3]! <= pictures[i]!.height).toBe(
          true,
        );
      }
    });
  });

  test("the bytes of a batch and its floats are the same to the network", () => {
    const { data, width, height } = picture(120, 80);
    scope(() =>
      noGrad(() => {
        const floats = tensor(
          Float32Array.from(data, (value) => value / 255),
          { shape: [height, width, 3] },
        ).permute([2, 0, 1]);
        const { batch, placements } = prepare(detector, [floats]);
        const [found] = detectPictures(detector, [{ data, width, height }]);
        const [direct] = detector.postprocess(
          detector.forward(batch),
          placements.map(({ window }) => window),
        );
        expectClose(found!.scores, direct!.scores, { atol: 0.02 }); // bytes are rounded when they are resized
      }),
    );
  });
});

test("padding is zero to the network, whatever the pictures beside it", () => {
  const detector = detectorWith({ resize: "sides", shortSides: [64], longSide: 128, multiple: 32 });
  scope(() => {
    const images = tensor(new Uint8Array(2 * 3 * 4 * 6).fill(255), { shape: [2, 3, 4, 6] });
    const extents = tensor(BigInt64Array.of(4n, 6n, 2n, 3n), { shape: [2, 2] });
    const normalized = detector.normalize(images, extents);
    expect(normalized.select(0, 0).eq(0).any().item()).toBe(false);
    const second = normalized.select(0, 1);
    expect(second.narrow(1, 0, 2).narrow(2, 0, 3).eq(0).any().item()).toBe(false);
    expect(second.eq(0).to("float32").sum().item()).toBe(3 * (24 - 6));
  });
});

test("a picture alone and twice in a batch is found the same", () => {
  const detector = detectorWith({ resize: "sides", shortSides: [64], longSide: 128, multiple: 32 });
  const own = picture(64, 64);
  const alone = detectPictures(detector, [own])[0]!;
  const second = detectPictures(detector, [own, own])[1]!;
  expect(alone.scores.length).toBeGreaterThan(0);
  expectClose(second.boxes, alone.boxes, { atol: 1e-2 });
  expectClose(second.scores, alone.scores, { atol: 1e-5 });
});
