/** 0.5, 0.55 .. 0.95. Computed as numpy does: 0.9 becomes 0.8999999999999999, and this decides whether an IoU of 0.9 matches. */
export const IOU_THRESHOLDS = linspace(0.5, 0.95, 10);

/** 0, 0.01 .. 1: the recalls at which precision is read. */
export const RECALLS = linspace(0, 1, 101);

/** Areas in pixels, both ends included. */
export const AREA_RANGES = [
  { name: "all", min: 0, max: 1e5 ** 2 },
  { name: "small", min: 0, max: 32 ** 2 },
  { name: "medium", min: 32 ** 2, max: 96 ** 2 },
  { name: "large", min: 96 ** 2, max: 1e5 ** 2 },
] as const;

/** Only so many of the best detections of a class in a picture are looked at. */
export const MAX_DETECTIONS = [1, 10, 100] as const;

function linspace(start: number, stop: number, n: number): Float64Array {
  const step = (stop - start) / (n - 1);
  return Float64Array.from({ length: n }, (_, i) => (i === n - 1 ? stop : i * step + start));
}
