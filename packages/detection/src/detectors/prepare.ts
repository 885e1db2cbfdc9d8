import { type DType, ops, scope, type Tensor } from "@singleshot/torch";
import { batchSize, evaluationInput, type Placement, placePicture, type Size } from "@singleshot/vision";
import type { Detector } from "./detector.js";

/**
 * Pictures of any size as one batch: normalised, then resized bilinearly and laid into the input, as torchvision does inside the model.
 *
 * @param images [3, H, W] each, uint8 or floats in 0 to 1
 * @returns [N, 3, height, width], channels-last, and where each picture lies
 */
export function prepare(detector: Detector, images: readonly Tensor[]): { batch: Tensor; placements: Placement[] } {
  const input = evaluationInput(detector.input);
  const placements = images.map((image) => placePicture(input, sizeOf(image), () => 0));
  const size = batchSize(
    input,
    placements.map(({ canvas }) => canvas),
  );
  const batch = scope(() => {
    const laid = images.map((image, i) => laidOut(detector, image, placements[i]!, size));
    return ops.cat(laid).contiguous({ memoryFormat: "channelsLast" });
  });
  return { batch, placements };
}

const sizeOf = (image: Tensor): Size => {
  const [, height = 0, width = 0] = image.shape;
  return { height, width };
};

function laidOut(detector: Detector, image: Tensor, { window }: Placement, size: Size): Tensor {
  const { width, height, left, top } = window;
  const normalized = detector.normalize(image.unsqueeze(0));
  const picture = ops.upsampleBilinear2d(normalized, [height, width], false);
  const right = size.width - width - left;
  const below = size.height - height - top;
  if (left + top + right + below === 0) return picture;
  if (detector.input.resize === "sides") return ops.pad(picture, [left, right, top, below]);
  const background = detector.normalize(fillOf(detector, size, picture.dtype));
  background.narrow(2, top, height).narrow(3, left, width).copy_(picture);
  return background;
}

/** [1, 3, height, width] of the letterbox's colour. */
function fillOf({ input }: Detector, { height, width }: Size, dtype: DType): Tensor {
  const colors = input.resize === "letterbox" ? input.fill : [0, 0, 0];
  const planes = colors.map((grey) => ops.full([1, 1, height, width], grey / 255, { dtype }));
  return ops.cat(planes, { dim: 1 });
}
