import type { Picture } from "../sample.js";

/** Cuts a box, in pixels, out of a picture: whole pixels, all those that it touches. */
export function cropPicture({ data, width: stride }: Picture, [x1, y1, x2, y2]: readonly [number, number, number, number]): Picture {
  const [left, top] = [Math.floor(x1), Math.floor(y1)];
  const [width, height] = [Math.ceil(x2) - left, Math.ceil(y2) - top];
  const cut = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    const start = 3 * ((top + y) * stride + left);
    cut.set(data.subarray(start, start + 3 * width), 3 * y * width);
  }
  return { data: cut, width, height };
}
