export { writeWeights } from "./weights-file.js";
