import { below, type Picture, randomOf } from "@singleshot/vision";

/** Pictures to try a detector on where there are no photographs: coloured rectangles over noise, of several sizes. */
export const drawnPictures = (count: number): Picture[] => Array.from({ length: count }, (_, i) => drawn(i));

function drawn(number: number): Picture {
  const draw = randomOf(17, number);
  const [width, height] = [120 + below(draw, 240), 120 + below(draw, 180)];
  const data = Uint8Array.from({ length: 3 * width * height }, () => 90 + below(draw, 60));
  for (let k = 0; k < 12; k++) {
    const [left, top] = [below(draw, width - 20), below(draw, height - 20)];
    const [right, bottom] = [left + 20 + below(draw, width - left - 19), top + 20 + below(draw, height - top - 19)];
    const color = [below(draw, 256), below(draw, 256), below(draw, 256)];
    const line = Uint8Array.from({ length: 3 * (right - left) }, (_, i) => color[i % 3]!);
    for (let y = top; y < bottom; y++) data.set(line, 3 * (y * width + left));
  }
  return { data, width, height };
}
