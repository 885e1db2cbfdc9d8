import { inferenceMode, ops, scope } from "@singleshot/torch";
import type { GridSize } from "../boxes/index.js";
import type { Detector } from "../detectors/index.js";

/** The anchors of one feature map. */
export interface AnchorLevel {
  grid: GridSize;
  perCell: number;
  /** [A, 4] xyxy in pixels of the network's input: row by row, cell by cell */
  anchors: Float32Array;
}

/** The anchors of a detector, map by map, from one pass over an empty picture: right for every network. */
export function anchorLevels(detector: Detector): AnchorLevel[] {
  const { width, height } = detector.input;
  const { grids, anchors } = scope(() =>
    inferenceMode(() => {
      const images = ops.zeros([1, 3, height, width]);
      const maps = detector.backbone.forward(images).map(({ shape }) => ({ height: shape[2]!, width: shape[3]! }));
      return { grids: maps, anchors: detector.forward(images).anchors.toTypedArray() };
    }),
  );
  let at = 0;
  return grids.map((grid) => {
    const perCell = cellLength(anchors, at);
    const length = 4 * perCell * grid.height * grid.width;
    at += length;
    return { grid, perCell, anchors: anchors.subarray(at - length, at) };
  });
}

/** How many anchors from here on stand around one centre. */
function cellLength(anchors: Float32Array, from: number): number {
  const centre = (i: number) => [anchors[i]! + anchors[i + 2]!, anchors[i + 1]! + anchors[i + 3]!] as const;
  const [x, y] = centre(from);
  let i = from;
  while (i < anchors.length && Math.abs(centre(i)[0] - x) < 0.01 && Math.abs(centre(i)[1] - y) < 0.01) i += 4;
  return (i - from) / 4;
}

/** All of them, as the network numbers them: [A, 4]. */
export function joined(levels: readonly AnchorLevel[]): Float32Array {
  return Float32Array.from(levels.flatMap(({ anchors }) => [...anchors]));
}
