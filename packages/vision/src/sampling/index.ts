export { aspectGroups, groupedBatches } from "./aspect-groups.js";
export type { LastBatch } from "./batches.js";
export { balancedPictures } from "./class-balance.js";
export { type EpochOptions, epochBatches } from "./epoch.js";
export { repeatFactors } from "./repeat-factors.js";
