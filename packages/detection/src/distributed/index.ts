export { inStep, type RankBatch } from "./in-step.js";
export { requireSameData } from "./same-data.js";
export { batchesOf, inOrder, partOf, type Share, type Span, spansOf, summed } from "./share.js";
export { isStopped, requireNoStop } from "./stop.js";
export { alone, joinTeam, type SharedGradients, type Team } from "./team.js";
