export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * Where the tag of a box goes: above it, below it, inside at the top or the bottom, left- or right-aligned; the first place in the
 * picture that covers no other tag, else the one that covers least.
 */
export function placeTag(
  box: Rectangle,
  tag: { width: number; height: number },
  others: readonly Rectangle[],
  picture: { width: number; height: number },
): Rectangle {
  const lefts = [box.x, box.x + box.width - tag.width];
  const tops = [box.y - tag.height, box.y + box.height, box.y, box.y + box.height - tag.height];
  const places = tops.flatMap((y) => lefts.map((x) => inside({ x, y, ...tag }, picture)));
  const covered = places.map((place) => others.reduce((total, other) => total + overlap(place, other), 0));
  return places[covered.indexOf(Math.min(...covered))]!;
}

function inside(place: Rectangle, { width, height }: { width: number; height: number }): Rectangle {
  const within = (value: number, limit: number) => Math.max(Math.min(value, limit), 0);
  return { ...place, x: within(place.x, width - place.width), y: within(place.y, height - place.height) };
}

function overlap(a: Rectangle, b: Rectangle): number {
  const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(across, 0) * Math.max(down, 0);
}
