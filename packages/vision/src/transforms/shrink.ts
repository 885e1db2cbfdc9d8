import { compose } from "./affine.js";
import type { Placement } from "./fit.js";
import type { HalfPlane, Size, View } from "./view.js";

/**
 * A picture may be decoded to a third, a fifth or a ninth of each side. JPEG comes apart in halves, quarters and eighths; libvips takes
 * the next of these for what is to become a little smaller still.
 */
export type Shrink = 1 | 3 | 5 | 9;

/** Smaller pictures are decoded in no time. */
const LARGE = 2_000_000; // pixels

/** So many pixels along either side are left for one of the result: more than it can show, and interpolation stays within the frame. */
const SPARE = 1.5;

/** How much smaller a picture may be decoded for a view of it, however near the view comes, so that none of what it shows is lost. */
export function shrinkFor(picture: Size, { toPicture: [a, b, , d, e], size }: View, { window }: Placement): Shrink {
  if (picture.width * picture.height <= LARGE) return 1;
  const across = (Math.hypot(a, d) * size.width) / window.width;
  const down = (Math.hypot(b, e) * size.height) / window.height;
  return ([9, 5, 3] as const).find((shrink) => SPARE * shrink <= Math.min(across, down)) ?? 1;
}

/** A picture's size decoded that way. */
export function shrunkSize({ width, height }: Size, shrink: Shrink): Size {
  return { width: Math.max(1, Math.floor(width / shrink)), height: Math.max(1, Math.floor(height / shrink)) };
}

/** The same view of the picture in another size. */
export function viewOfShrunk(view: View, from: Size, to: Size): View {
  if (from.width === to.width && from.height === to.height) return view;
  const [x, y] = [to.width / from.width, to.height / from.height];
  const toPicture = compose([x, 0, 0, 0, y, 0], view.toPicture);
  return { ...view, toPicture, visible: view.visible.map(([a, b, c]) => outward([a / x, b / y, c])) };
}

/** An upright edge moved to that of the pixel it goes through. */
function outward([a, b, c]: HalfPlane): HalfPlane {
  const normal = b === 0 ? a : a === 0 ? b : undefined;
  if (normal === undefined) return [a, b, c];
  const place = normal > 0 ? Math.floor(c / normal + SLACK) : Math.ceil(c / normal - SLACK);
  return [a, b, normal * place];
}

const SLACK = 1e-6; // pixels: an edge between two belongs to neither
