export { disposeAll, type Entries, loadWeights, readEntries } from "./entries.js";
