export { statsPicture, statsText } from "./show.js";
export { type DatasetStats, datasetStats } from "./stats.js";
