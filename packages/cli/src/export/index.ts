export { picturesFor } from "./pictures.js";
