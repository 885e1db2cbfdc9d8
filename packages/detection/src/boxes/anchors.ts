import type { AnchorLevel, AnchorOptions } from "../recipes/index.js";

export interface GridSize {
  height: number;
  width: number;
}

type Shape = readonly [width: number, height: number];

export const anchorsPerCell = (level: AnchorLevel): number => shapesOf(level).length;

const shapesOf = (level: AnchorLevel): readonly Shape[] => ("shapes" in level ? level.shapes : ssdShapes(level));

/** Both squares, then each ratio and its inverse. Liu et al. 2016, §2.2. */
function ssdShapes({ scale, nextScale, ratios }: { scale: number; nextScale: number; ratios: readonly number[] }): Shape[] {
  const between = Math.sqrt(scale * nextScale);
  const elongated = ratios.map(Math.sqrt).flatMap((root): Shape[] => [
    [scale * root, scale / root],
    [scale / root, scale * root],
  ]);
  return [[scale, scale], [between, between], ...elongated];
}

type FloatArray = Float32Array | Float64Array;

/** Anchors in both forms, [A, 4] each, in pixels of the network's input: matching compares corners, box codes centres. */
export interface AnchorTable<T extends FloatArray = FloatArray> {
  xyxy: T;
  cxcywh: T;
}

/**
 * The anchors (priors, default boxes) for one input size: level by level, row by row, cell by cell, shape by shape.
 * They may reach beyond the border. Centres and sizes are rounded to float32, in their own unit, as the originals keep them, whatever
 * the result is stored in.
 *
 * @param grids the feature maps' sizes, one for each level
 * @see Liu et al. 2016, §2.2 (arXiv:1512.02325); Lin et al. 2017, §4 (arXiv:1708.02002). Agrees with torchvision's DefaultBoxGenerator
 * and AnchorGenerator, pytorch-ssd's generate_ssd_priors, GluonCV's SSDAnchorGenerator, and both tutorials'
 */
export function anchorTable<T extends FloatArray = Float32Array>(
  options: AnchorOptions,
  grids: readonly GridSize[],
  input: GridSize,
  { into = Float32Array as unknown as new (length: number) => T }: { into?: new (length: number) => T } = {},
): AnchorTable<T> {
  const { levels, order } = options;
  const cells = grids.map(({ height, width }) => height * width);
  const length = levels.reduce((sum, level, i) => sum + 4 * cells[i]! * anchorsPerCell(level), 0);
  const table = { xyxy: new into(length), cxcywh: new into(length) };
  const write = writer(table, options, input);
  let start = 0;
  levels.forEach((level, i) => {
    const { width } = grids[i]!;
    const place = centresOf(options, level, grids[i]!, input);
    const halves = halfSides(options, level, input);
    for (let cell = 0; cell < cells[i]!; cell++) {
      const centre = place(Math.floor(cell / width), cell % width);
      halves.forEach((half, shape) => {
        write(start + 4 * (order === "cell" ? cell * halves.length + shape : shape * cells[i]! + cell), centre, half);
      });
    }
    start += 4 * cells[i]! * halves.length;
  });
  return table;
}

/** Stores an anchor, given in the table's unit, in both forms; the one that the original does not keep is computed from the other. */
function writer({ xyxy, cxcywh }: AnchorTable, { unit, keeps }: AnchorOptions, input: GridSize) {
  const round = xyxy instanceof Float32Array ? Math.fround : (value: number) => value;
  const [across, down] = unit === "share" ? [input.width, input.height] : [1, 1];
  return (at: number, { x, y }: { x: number; y: number }, [w, h]: Shape): void => {
    xyxy[at] = round(x - w) * across;
    xyxy[at + 1] = round(y - h) * down;
    xyxy[at + 2] = round(x + w) * across;
    xyxy[at + 3] = round(y + h) * down;
    if (keeps === "corners") {
      const width = round(xyxy[at + 2]! - xyxy[at]!);
      const height = round(xyxy[at + 3]! - xyxy[at + 1]!);
      cxcywh.set([xyxy[at]! + width / 2, xyxy[at + 1]! + height / 2, width, height], at);
    } else cxcywh.set([x * across, y * down, 2 * w * across, 2 * h * down], at);
  };
}

/** Where the anchors of a cell stand, in the table's unit. */
function centresOf({ unit, center, clip }: AnchorOptions, { step }: AnchorLevel, grid: GridSize, input: GridSize) {
  const along = (cells: number, length: number) => {
    const distance = stepOf(step, length, cells);
    return Array.from({ length: cells }, (_, i) => {
      const at = Math.fround(unit === "share" ? (i + center) / (length / distance) : (i + center) * distance);
      return clip === "boxes" ? Math.min(at, unit === "share" ? 1 : length) : at;
    });
  };
  const columns = along(grid.width, input.width);
  const rows = along(grid.height, input.height);
  return (row: number, column: number) => ({ x: columns[column]!, y: rows[row]! });
}

/** Distance of two centres in pixels. */
function stepOf(step: AnchorLevel["step"], length: number, cells: number): number {
  if (step === "ceil") return Math.ceil(length / cells);
  if (step === "floor") return Math.floor(length / cells);
  return step ?? length / cells;
}

/** Half widths and heights of a level's shapes, in the table's unit. */
export function halfSides({ unit, clip, round }: AnchorOptions, level: AnchorLevel, input: GridSize): Shape[] {
  const limit = unit === "share" ? { width: 1, height: 1 } : input;
  const half = (side: number, most: number) => {
    const clipped = clip === "none" ? Math.fround(side) : Math.min(most, Math.max(0, Math.fround(side)));
    return round ? roundHalfToEven(clipped / 2) : clipped / 2;
  };
  return shapesOf(level).map(([width, height]) => [half(width, limit.width), half(height, limit.height)]);
}

function roundHalfToEven(value: number): number {
  const nearest = Math.round(value);
  return value % 1 === 0.5 && nearest % 2 === 1 ? nearest - 1 : nearest;
}
