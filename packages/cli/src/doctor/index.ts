export type { Check } from "./check.js";
export { examine } from "./examine.js";
