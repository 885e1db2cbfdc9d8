export { type DiskLimit, type DiskResult, diskLimits, diskTrial } from "./disk.js";
export { chaosNets } from "./nets.js";
export { launchWords, type RanksResult, rankTrial, stopRank } from "./ranks.js";
export { type ChainResult, chain, drawOf, type StopResult, stopTrial, type Undisturbed, undisturbed } from "./trials.js";
