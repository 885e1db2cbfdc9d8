import { expectClose, golden } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { boxesFromInput, boxesIntoInput, placePicture } from "./fit.js";

interface LetterboxCase {
  from_hw: [number, number];
  to_hw: [number, number];
  scaleup: boolean;
  ratio: number;
  resized_hw: [number, number];
  pad_ltrb: [number, number, number, number];
  boxes: number[][];
  boxes_out: number[][];
}

const noDraw = () => 0;
const size = ([height, width]: readonly [number, number]) => ({ width, height });

describe("a letterbox is laid as its definition says", () => {
  const { cases } = golden("transforms/letterbox") as { cases: LetterboxCase[] };

  test.each(cases)(
    "$from_hw into $to_hw, scaleup $scaleup",
    ({ from_hw, to_hw, scaleup, ratio, resized_hw, pad_ltrb, boxes, boxes_out }) => {
      const input = { resize: "letterbox", ...size(to_hw), fill: [114, 114, 114], align: "center", enlarge: scaleup } as const;
      const placement = placePicture(input, size(from_hw), noDraw);
      const { window, canvas, scale } = placement;
      expect([window.height, window.width]).toEqual(resized_hw);
      const right = canvas.width - window.left - window.width;
      const bottom = canvas.height - window.top - window.height;
      expect([window.left, window.top, right, bottom]).toEqual(pad_ltrb);
      expectClose([scale.x, scale.y], [ratio, ratio], { rtol: 1e-12 });
      const laid = boxesIntoInput(Float32Array.from(boxes.flat()), placement);
      expectClose(laid, boxes_out, { atol: 1e-3 });
      expectClose(boxesFromInput(laid, placement), boxes.flat(), { atol: 1e-3 });
    },
  );
});

describe("sides are scaled as torchvision scales them", () => {
  const { generalized_rcnn_transform } = golden("transforms/geometry") as {
    generalized_rcnn_transform: {
      name: string;
      min_size: number;
      max_size: number;
      fixed_size_wh: [number, number] | null;
      size_divisible: number;
      images: { height: number; width: number }[];
      boxes: number[][][];
      image_sizes: [number, number][];
      resized_boxes: number[][][];
      boxes_mapped_back: number[][][];
    }[];
  };

  test.each(generalized_rcnn_transform)("$name", ({ min_size, max_size, fixed_size_wh, size_divisible, images, ...theirs }) => {
    const input = fixed_size_wh
      ? ({ resize: "stretch", width: fixed_size_wh[0], height: fixed_size_wh[1] } as const)
      : ({ resize: "sides", shortSides: [min_size], longSide: max_size, multiple: size_divisible } as const);
    images.forEach((image, i) => {
      const placement = placePicture(input, image, noDraw);
      expect([placement.canvas.height, placement.canvas.width]).toEqual(theirs.image_sizes[i]);
      const laid = boxesIntoInput(Float32Array.from(theirs.boxes[i]!.flat()), placement);
      expectClose(laid, theirs.resized_boxes[i]!, { rtol: 1e-6 });
      expectClose(boxesFromInput(laid, placement), theirs.boxes_mapped_back[i]!, { rtol: 2e-6 });
    });
  });
});
