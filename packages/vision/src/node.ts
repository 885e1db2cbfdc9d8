export * from "./datasets/index.js";
export * from "./images/index.js";
