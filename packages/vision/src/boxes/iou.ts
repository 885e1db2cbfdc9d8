import { type BoxArray, boxAreas } from "./arithmetic.js";

export interface IouOptions {
  /** added to the union; pytorch-ssd adds 1e-5, which counts where boxes are measured in parts of the picture */
  epsilon?: number;
}

/**
 * Intersection over union of every pair of boxes.
 *
 * @param a [n, 4]
 * @param b [m, 4]
 * @returns [n, m], in a's precision. Two boxes without area give NaN (0/0), as in torchvision, or 0 with an epsilon.
 */
export function boxIou<T extends BoxArray>(a: T, b: T, { epsilon = 0 }: IouOptions = {}): T {
  const [areasA, areasB] = [boxAreas(a), boxAreas(b)];
  const [n, m] = [areasA.length, areasB.length];
  const iou = new (a.constructor as new (length: number) => T)(n * m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      const common = intersection(a, 4 * i, b, 4 * j);
      iou[i * m + j] = common / (areasA[i]! + areasB[j]! - common + epsilon);
    }
  }
  return iou;
}

function intersection(a: BoxArray, i: number, b: BoxArray, j: number): number {
  const width = Math.min(a[i + 2]!, b[j + 2]!) - Math.max(a[i]!, b[j]!);
  const height = Math.min(a[i + 3]!, b[j + 3]!) - Math.max(a[i + 1]!, b[j + 1]!);
  return Math.max(width, 0) * Math.max(height, 0);
}
