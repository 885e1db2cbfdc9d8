import type { Draw } from "../random.js";
import type { Picture, Sample } from "../sample.js";
import { axesOf, type Raster } from "./axes.js";
import { resampleBilinear } from "./bilinear.js";
import { applyColors } from "./color/index.js";
import { FILTERS, resampleFiltered, settled } from "./filter.js";
import { boxesIntoInput, type InputOptions, type Placement, placePicture } from "./fit.js";
import { resampleSkewed } from "./skewed.js";
import type { Spans } from "./spans.js";
import { dropSmall, type Size, type View } from "./view.js";

/**
 * Makes the pixels of a view: crop, zoom-out, flips, turns and resize in one pass, then the colours, which change what shows of the
 * picture, not the fill.
 *
 * @param out [height, width, 3], written and given back as the picture's data: a place in a batch, for instance
 */
export function render(image: Picture, view: View, size: Size, out: Uint8Array = new Uint8Array(3 * size.width * size.height)): Picture {
  const picture = { data: out, width: size.width, height: size.height };
  applyColors(picture, resample(image, view, size, out), view.colors);
  return picture;
}

/** A sample as a network wants it, from what the view shows, and where in the input it lies. Boxes that have become too small are gone. */
export function renderSample(
  sample: Sample,
  view: View,
  input: InputOptions,
  draw: Draw,
  out?: Uint8Array,
): { sample: Sample; placement: Placement } {
  const placement = placePicture(input, view.size, draw);
  return { sample: renderPlaced(sample, view, placement, input, out), placement };
}

/** The same where it is known already how what is seen lies in the input. */
export function renderPlaced(sample: Sample, view: View, placement: Placement, input: InputOptions, out?: Uint8Array): Sample {
  const image = renderInto(sample.image, view, placement, input.resize === "letterbox" ? input.fill : [0, 0, 0], out);
  const seen = dropSmall(view, SLIVER);
  const { boxes, labels, flags } = dropSmall({ ...seen, boxes: boxesIntoInput(seen.boxes, placement) }, view.smallest);
  return { image, boxes, labels, flags, id: sample.id, source: sample.source };
}

/** In pixels of what is seen. */
const SLIVER = { side: 1, area: 0 };

function renderInto(
  image: Picture,
  view: View,
  { canvas, window }: Placement,
  fill: readonly number[],
  out: Uint8Array = new Uint8Array(3 * canvas.width * canvas.height),
): Picture {
  if (window.width === canvas.width && window.height === canvas.height) return render(image, view, canvas, out);
  const { data } = render(image, view, window);
  const line = Uint8Array.from({ length: 3 * canvas.width }, (_, i) => fill[i % 3]!);
  for (let y = 0; y < canvas.height; y++) out.set(line, y * line.length);
  const length = 3 * window.width;
  for (let y = 0; y < window.height; y++) {
    out.set(data.subarray(y * length, (y + 1) * length), (window.top + y) * line.length + 3 * window.left);
  }
  return { data: out, width: canvas.width, height: canvas.height };
}

/**
 * The pixels without the colours; into a Float32Array without rounding. What is seen at an angle is interpolated bilinearly, whatever
 * the view says.
 *
 * @returns the part of `out` that shows the picture and no fill
 */
export function resample(image: Raster, view: View, size: Size, out: Uint8Array | Float32Array): Spans {
  const axes = axesOf(image, view);
  if (!axes) return resampleSkewed(image, view, size, out);
  const filter = FILTERS[settled(view, size) as keyof typeof FILTERS];
  return filter ? resampleFiltered(image, axes, filter, view, size, out) : resampleBilinear(image, axes, view, size, out);
}
