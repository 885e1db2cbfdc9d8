// `singleshot data check` as a program: node examples/check.mjs [DATA]
import { problemText } from "@singleshot/vision";
import { examineDataset } from "@singleshot/vision/node";

const [root = "examples/bccd"] = process.argv.slice(2);
const { formats, classes, counts, problems } = await examineDataset(root);
console.log(`${root} (${formats}): ${classes.join(", ")}`);
console.log(
  `${counts.images.found} pictures, ${counts.images.rejected} rejected; ${counts.boxes.found} boxes, ${counts.boxes.rejected} rejected`,
);
for (const problem of problems) console.log(`${problem.action}: ${problemText(problem)}`);
