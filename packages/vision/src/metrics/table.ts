/** A text, or a remark in its place, which takes the room to the right and widens no column. */
export type Cell = string | { remark: string };

/**
 * Rows as text in columns that stand two spaces apart: the first to the left, all others to the right.
 *
 * @param rows the first one names the columns; others may end early
 */
export function table(rows: readonly (readonly Cell[])[]): string {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => widthOf(row[c] ?? ""))));
  const lines = rows.map((row) => row.map((cell, c) => padded(cell, widths[c]!, c === 0)).join("  "));
  return lines.map((line) => line.trimEnd()).join("\n");
}

function padded(cell: Cell, width: number, left: boolean): string {
  if (typeof cell !== "string") return cell.remark;
  const space = " ".repeat(width - widthOf(cell));
  return left ? cell + space : space + cell;
}

/** Counted in characters as one reads them, not in the halves that some consist of. */
function widthOf(cell: Cell): number {
  return typeof cell === "string" ? [...cell].length : 0;
}
