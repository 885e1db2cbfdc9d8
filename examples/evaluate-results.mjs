// `singleshot eval --detections` as a program: node examples/evaluate-results.mjs RESULTS.json ANNOTATIONS.json
import { readFileSync } from "node:fs";
import { evaluate, fromCocoResults, readCocoResults, summary } from "@singleshot/vision";

const [results, annotations] = process.argv.slice(2);
const truth = JSON.parse(readFileSync(annotations, "utf8"));
const { groundTruth, detections, classes } = fromCocoResults(truth, readCocoResults(readFileSync(results)));
console.log(summary(evaluate("coco", groundTruth, detections, { classes })));
