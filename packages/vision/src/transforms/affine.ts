/** x' = a x + b y + c, y' = d x + e y + f */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

export const IDENTITY: Affine = [1, 0, 0, 0, 1, 0];

/** First `inner`, then `outer`. */
export function compose([a, b, c, d, e, f]: Affine, [p, q, r, s, t, u]: Affine): Affine {
  return [a * p + b * s, a * q + b * t, a * r + b * u + c, d * p + e * s, d * q + e * t, d * r + e * u + f];
}

/** The way back; exact for moves, flips and quarter turns by whole pixels. */
export function inverse([a, b, c, d, e, f]: Affine): Affine {
  const determinant = a * e - b * d;
  const [p, q, s, t] = [e / determinant, -b / determinant, -d / determinant, a / determinant];
  return [p, q, -(p * c + q * f), s, t, -(s * c + t * f)];
}

/** Moves by whole pixels or fractions. */
export const translation = (x: number, y: number): Affine => [1, 0, x, 0, 1, y];

/** The smallest upright boxes around the mapped ones: [n, 4] xyxy. */
export function mapBoxes(boxes: Float32Array, [a, b, c, d, e, f]: Affine): Float32Array {
  const result = new Float32Array(boxes.length);
  for (let i = 0; i < boxes.length; i += 4) {
    const [x1, y1, x2, y2] = [boxes[i]!, boxes[i + 1]!, boxes[i + 2]!, boxes[i + 3]!];
    result[i] = Math.min(a * x1, a * x2) + Math.min(b * y1, b * y2) + c;
    result[i + 1] = Math.min(d * x1, d * x2) + Math.min(e * y1, e * y2) + f;
    result[i + 2] = Math.max(a * x1, a * x2) + Math.max(b * y1, b * y2) + c;
    result[i + 3] = Math.max(d * x1, d * x2) + Math.max(e * y1, e * y2) + f;
  }
  return result;
}
