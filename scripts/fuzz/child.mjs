// Runs the trials of one target and sends the parent each one's number before it begins, and the result at the end.
import { runTrials } from "../../packages/testing/dist/index.js";
import { allTargets } from "./targets.mjs";

const { index, seed, from, to, folder } = JSON.parse(process.argv[2]);
const target = (await allTargets(folder))[index];
const result = await runTrials(target, { seed, from, to, begun: (trial) => process.send({ trial }) });
process.send({ result }, () => process.disconnect());
