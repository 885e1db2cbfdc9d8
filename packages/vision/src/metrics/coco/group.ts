/**
 * The places at which each number from 0 to `groups` - 1 stands, in ascending order: a counting sort. Negative numbers are left out.
 */
export function groupPlaces(numbers: Int32Array | Float64Array, groups: number): Uint32Array[] {
  const ends = new Uint32Array(groups);
  for (const number of numbers) if (number >= 0) ends[number]!++;
  for (let group = 1; group < groups; group++) ends[group]! += ends[group - 1]!;
  const places = new Uint32Array(ends.at(-1) ?? 0);
  const starts = ends.map((_, group) => ends[group - 1] ?? 0);
  const next = starts.slice();
  numbers.forEach((number, place) => {
    if (number >= 0) places[next[number]!++] = place;
  });
  return Array.from(starts, (start, group) => places.subarray(start, ends[group]));
}
