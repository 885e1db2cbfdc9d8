// `singleshot report` as a program: node examples/report.mjs RUN [DATA]
import { readConfig, writeReport } from "@singleshot/detection";
import { readVoc } from "@singleshot/vision/node";

const [run, folder] = process.argv.slice(2);
const { classes, data } = readConfig(run);
const root = folder ?? data.root;
const train = await readVoc(root, { split: "train", classes });
const evaluation = await readVoc(root, { split: "test", classes });
const report = await writeReport({ run, data: { train, evaluation } });
const { found, objects } = report.data.evaluation.totals;
console.log(`${found} of ${objects} objects found; ${report.file}`);
