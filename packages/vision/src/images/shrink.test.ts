import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { randomOf } from "../random.js";
import type { Picture } from "../sample.js";
import {
  type AugmentationStep,
  augmentationPresets,
  type InputOptions,
  placePicture,
  planAugmentation,
  renderPlaced,
  shrinkFor,
  viewOf,
  viewOfShrunk,
} from "../transforms/index.js";
import { decodeBytes } from "./decode.js";

/** Colours that change slowly: what averages them changes nothing. */
function smooth(width: number, height: number): Picture {
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [(i % width) / width, Math.floor(i / width) / height];
    data.set([40 + 170 * x, 40 + 170 * y, 128 + 60 * Math.sin(9 * x) * Math.cos(7 * y)], 3 * i);
  }
  return { data, width, height };
}

const jpegOf = ({ data, width, height }: Picture, orientation: number) =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .withMetadata({ orientation })
    .jpeg({ quality: 98, chromaSubsampling: "4:4:4" })
    .toBuffer();

const input: InputOptions = { resize: "stretch", width: 160, height: 144 };

/** What shows of a picture with one box in its middle, decoded whole and as small as may be. */
async function bothWays(jpeg: Uint8Array, whole: Picture, steps: readonly AugmentationStep[], seed: number) {
  const { width, height } = whole;
  const boxes = Float32Array.of(0.3 * width, 0.3 * height, 0.7 * width, 0.7 * height);
  const marks = { boxes, labels: Int32Array.of(1), flags: new Uint8Array(1), id: "", source: "" };
  const draw = randomOf(seed);
  const view = planAugmentation({ ...marks, image: whole }, steps, draw);
  const placement = placePicture(input, view.size, draw);
  const shrink = shrinkFor(whole, view, placement);
  const small = await decodeBytes(jpeg, { shrink, expected: { width, height } });
  const rendered = (image: Picture) => renderPlaced({ ...marks, image }, viewOfShrunk(view, whole, image), placement, input);
  return { shrink, small, expected: rendered(whole), given: rendered(small) };
}

describe.each([
  { width: 2003, height: 1515, orientation: 1 },
  { width: 2007, height: 1511, orientation: 6 },
])("of a large photograph ($width x $height, orientation $orientation) decoded smaller", ({ width, height, orientation }) => {
  let jpeg: Uint8Array;
  let whole: Picture;
  beforeAll(async () => {
    jpeg = await jpegOf(smooth(width, height), orientation);
    whole = await decodeBytes(jpeg);
  });

  test.each(["eval", "ssd", "ssdlite", "gluoncv", "sparrow", "lsj", "microscope"] as const)("%s shows the same", async (name) => {
    const steps = (augmentationPresets[name] as AugmentationStep[]).filter(({ step }) => !/photometric|hsv/.test(step));
    for (let seed = 0; seed < 5; seed++) {
      const { expected, given } = await bothWays(jpeg, whole, steps, seed);
      expect(given.boxes).toEqual(expected.boxes);
      expect(given.labels).toEqual(expected.labels);
      const distances = given.image.data.map((value, i) => Math.abs(value - expected.image.data[i]!));
      expect(distances.filter((distance) => distance > 4).length / distances.length).toBeLessThan(0.02); // where picture and fill meet
      expect(distances.reduce((sum, distance) => sum + distance, 0) / distances.length).toBeLessThan(0.5);
    }
  });

  test("no side has less than one and a half pixels for one of the result, and none three times as many for nothing", async () => {
    const shrinks = new Set<number>();
    for (let seed = 0; seed < 30; seed++) {
      const draw = randomOf(seed);
      const marks = { boxes: Float32Array.of(500, 500, 900, 900), labels: Int32Array.of(1), flags: new Uint8Array(1) };
      const view = planAugmentation({ ...marks, image: whole }, augmentationPresets.ssd, draw);
      const shrink = shrinkFor(whole, view, placePicture(input, view.size, draw));
      const left = Math.min(view.size.width / input.width, view.size.height / input.height) / shrink;
      if (shrink > 1) expect(left).toBeGreaterThanOrEqual(1.5);
      if (shrink < 9) expect(left).toBeLessThan(4.5);
      shrinks.add(shrink);
    }
    expect(shrinks.size).toBeGreaterThan(2);
  });
});

test("pictures up to two megapixels, and other formats, are decoded whole", async () => {
  const plain = { boxes: new Float32Array(0), labels: new Int32Array(0), flags: new Uint8Array(0) };
  const tiny = { canvas: input, window: { left: 0, top: 0, width: 10, height: 10 }, scale: { x: 1, y: 1 } };
  const shrink = (width: number, height: number) => shrinkFor({ width, height }, viewOf({ ...plain, image: { width, height } }), tiny);
  expect([shrink(2000, 1000), shrink(2000, 1001)]).toEqual([1, 9]);
  const png = await sharp(smooth(40, 30).data, { raw: { width: 40, height: 30, channels: 3 } })
    .png()
    .toBuffer();
  expect(await decodeBytes(png, { shrink: 3 })).toEqual(await decodeBytes(png));
});

test("a photograph that has another size than when the data set was read is not used, whole or smaller", async () => {
  const jpeg = await jpegOf(smooth(60, 40), 1);
  const message = "the picture has 60 x 40 pixels, not 60 x 41 as before";
  for (const shrink of [1, 3] as const) {
    await expect(decodeBytes(jpeg, { shrink, expected: { width: 60, height: 41 } })).rejects.toThrow(message);
    expect(await decodeBytes(jpeg, { shrink, expected: { width: 60, height: 40 } })).toMatchObject({ width: 60 / shrink });
  }
});
