export { comparisonText } from "./comparison-text.js";
export { type ReportSources, reportOf, writeWithProgress } from "./report-of.js";
