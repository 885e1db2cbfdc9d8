import { inferenceMode, ops, scope } from "@singleshot/torch";
import type { Size } from "@singleshot/vision";
import { anchorsPerCell, anchorTable, type GridSize } from "../boxes/index.js";
import type { Detector } from "../detectors/index.js";
import type { AnchorOptions } from "../recipes/index.js";

/** The anchors of one feature map. */
export interface MapAnchors {
  grid: GridSize;
  perCell: number;
  /** [A, 4] xyxy in pixels of the network's input: row by row, cell by cell */
  anchors: Float32Array;
}

/** The feature maps' sizes for a size of the input. */
export type GridsFor = (canvas: Size) => GridSize[];

const PROBE = 256; // pixels: every stride in use divides it

/**
 * Measures the feature maps of a detector in evaluation mode on an empty picture, so that it is right for every network. Where pictures
 * have sizes of their own it is measured once and scaled: every halving rounds up.
 */
export function gridsOf({ input, network }: Detector): GridsFor {
  const measured = ({ width, height }: Size) =>
    scope(() =>
      inferenceMode(() =>
        network
          .features(ops.zeros([1, 3, height, width], { device: network.device }))
          .map(({ shape }) => ({ height: shape[2]!, width: shape[3]! })),
      ),
    );
  if (input.resize !== "sides") {
    const grids = measured(input);
    return () => grids;
  }
  const probed = measured({ width: PROBE, height: PROBE });
  const cells = (length: number, ofProbe: number) => Math.ceil((length * ofProbe) / PROBE);
  return ({ width, height }) => probed.map((grid) => ({ width: cells(width, grid.width), height: cells(height, grid.height) }));
}

/** The anchors of a recipe for a size of the input, map by map. */
export function mapAnchors(options: AnchorOptions, gridsFor: GridsFor, canvas: Size): MapAnchors[] {
  return gridsFor(canvas).map((grid, i) => {
    const level = options.levels[i]!;
    const { xyxy } = anchorTable({ ...options, levels: [level], order: "cell" }, [grid], canvas);
    return { grid, perCell: anchorsPerCell(level), anchors: xyxy };
  });
}
