export { toldByFlags, type WorldFlags } from "./flags.js";
export type { Launcher, Told } from "./launcher.js";
export { nodeCount, nodes } from "./nodes.js";
export { openMpi } from "./open-mpi.js";
export { LAUNCHED, ranks } from "./ranks.js";
export { slurm } from "./slurm.js";
export type { Environment, Said } from "./variables.js";
