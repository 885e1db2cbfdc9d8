export { aspectGroups, groupedBatches } from "./aspect-groups.js";
export type { LastBatch } from "./batches.js";
export { balancedPictures } from "./class-balance.js";
export { batchCounts, type EpochOptions, epochBatches } from "./epoch.js";
export { repeatFactors } from "./repeat-factors.js";
