export { type ReportSources, reportOf, writeWithProgress } from "./report-of.js";
