export { calibrationPictures, picturesFor } from "./pictures.js";
