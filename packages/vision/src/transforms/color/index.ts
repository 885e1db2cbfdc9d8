export { applyColors, type ColorChange } from "./change.js";
export { changeFloats, type FloatColorChange } from "./float.js";
export { brightened, channelsOrdered, hueTurned, multiplied, saturated } from "./matrix.js";
