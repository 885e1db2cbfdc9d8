import { aspectsOf, type Dataset, factorEdges, histogram, type InputOptions, sidesOf } from "@singleshot/vision";
import { seenObjects } from "../anchors/index.js";
import type { DataPart } from "./data.js";

const SIZE_EDGES = factorEdges(4, 1024, 32); // pixels, four bins to a doubling
const ASPECT_EDGES = factorEdges(1 / 8, 8, 24);

/** What data sets hold; the histograms are of the first, which is trained on. */
export function dataPart(datasets: readonly Dataset[], input: InputOptions): DataPart {
  const [trained] = datasets as [Dataset];
  const C = trained.classes.length;
  const { boxes, labels } = seenObjects(trained, input);
  const original = Float32Array.from(trained.entries.flatMap((entry) => [...entry.boxes]));
  const originalLabels = trained.entries.flatMap((entry) => [...entry.labels]);
  return {
    splits: datasets.map((dataset) => ({
      name: dataset.split ?? dataset.name,
      pictures: dataset.entries.length,
      background: dataset.entries.filter((entry) => entry.labels.length === 0).length,
      leftOut: dataset.counts.boxes.rejected,
      objects: objectsPerClass(dataset),
    })),
    sizes: histogram(sidesOf(boxes), labels, SIZE_EDGES, C),
    aspects: histogram(aspectsOf(original), originalLabels, ASPECT_EDGES, C),
  };
}

function objectsPerClass({ entries, classes }: Dataset): number[] {
  const counts = classes.map(() => 0);
  for (const { labels } of entries) for (const label of labels) counts[label - 1]!++;
  return counts;
}
