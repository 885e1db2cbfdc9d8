// `singleshot export` as a program: node examples/export.mjs MODEL FILE.onnx
import { drawnPictures, loadModel, onnxModel, writeVerified } from "@singleshot/detection";

const [path, file] = process.argv.slice(2);
const model = loadModel(path);
const { pictures, total } = await writeVerified(file, onnxModel(model, { graph: "image" }), model, { pictures: drawnPictures(4) });
console.log(`${file}: as libtorch on ${pictures} pictures with ${total / 2} detections`);
