export { GroupFailure } from "./failure.js";
export { GradientBuckets, type GradientBucketsOptions } from "./gradient-buckets.js";
export { type JoinOptions, ProcessGroup, type Reduction } from "./process-group.js";
export type { World } from "./world.js";
