export { calibrated, LEAST_OPSET_OF_INT8 } from "./calibrate.js";
