/** Where one level's anchors stand and how large they are: by SSD's rule, or shape by shape. */
export type AnchorLevel = (SsdShapes | { shapes: readonly Shape[] }) & {
  /** Distance of two centres in pixels of the network's input; left out: the input divided by the map. */
  step?: number | undefined;
};

/** Sides as shares of the picture's. */
type Shape = readonly [width: number, height: number];

interface SsdShapes {
  /** Side of the square anchor (Liu et al.: s_k), and the next level's, for the square in between. */
  scale: number;
  nextScale: number;
  /** Width over height of further anchors; each comes with its inverse. */
  ratios: readonly number[];
}

export interface GridSize {
  height: number;
  width: number;
}

export const anchorsPerCell = (level: AnchorLevel): number => shapesOf(level).length;

const shapesOf = (level: AnchorLevel): readonly Shape[] => ("shapes" in level ? level.shapes : ssdShapes(level));

/** Both squares, then each ratio and its inverse. */
function ssdShapes({ scale, nextScale, ratios }: SsdShapes): Shape[] {
  const between = Math.sqrt(scale * nextScale);
  const elongated = ratios.map(Math.sqrt).flatMap((root): Shape[] => [
    [scale * root, scale / root],
    [scale / root, scale * root],
  ]);
  return [[scale, scale], [between, between], ...elongated];
}

/**
 * The anchors (default boxes) of SSD for one input size: level by level, row by row, cell by cell, shape by shape.
 * They may reach beyond the border; `clip` limits their sizes to the picture, not their corners.
 * Centres and sizes are rounded to float32 as the original keeps them, whatever the result is stored in.
 *
 * @param grids the feature maps' sizes, one for each level
 * @returns [A, 4] xyxy in pixels of the network's input
 * @see Liu et al. 2016, §2.2 (arXiv:1512.02325); agrees with torchvision's DefaultBoxGenerator
 */
export function ssdAnchors<T extends Float32Array | Float64Array = Float32Array>(
  levels: readonly AnchorLevel[],
  grids: readonly GridSize[],
  input: GridSize,
  { clip = true, into = Float32Array as unknown as new (length: number) => T }: { clip?: boolean; into?: new (length: number) => T } = {},
): T {
  const round = new into(0) instanceof Float32Array ? Math.fround : (value: number) => value;
  const count = levels.reduce((sum, level, i) => sum + grids[i]!.height * grids[i]!.width * anchorsPerCell(level), 0);
  const anchors = new into(4 * count);
  let at = 0;
  levels.forEach((level, i) => {
    const { height, width } = grids[i]!;
    const rows = level.step ? input.height / level.step : height;
    const columns = level.step ? input.width / level.step : width;
    const side = (share: number) => Math.fround(clip ? Math.min(1, Math.max(0, Math.fround(share))) : share);
    const own = shapesOf(level).map(([w, h]) => [side(w), side(h)] as const);
    for (let y = 0; y < height; y++) {
      const cy = Math.fround((y + 0.5) / rows);
      for (let x = 0; x < width; x++) {
        const cx = Math.fround((x + 0.5) / columns);
        for (const [w, h] of own) {
          anchors[at++] = round(cx - w / 2) * input.width;
          anchors[at++] = round(cy - h / 2) * input.height;
          anchors[at++] = round(cx + w / 2) * input.width;
          anchors[at++] = round(cy + h / 2) * input.height;
        }
      }
    }
  });
  return anchors;
}
