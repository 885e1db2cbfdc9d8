export { type Effect, testEffects, testSpellings } from "./effects.js";
export { pets, play } from "./play.js";
