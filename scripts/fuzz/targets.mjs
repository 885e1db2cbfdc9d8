import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** What is damaged: a package's targets stand with its tests. A new format is a row there. */
export async function allTargets(folder) {
  const [files, models, annotations, pictures] = await Promise.all([
    import("../../packages/torch/dist/serialize/testing/fuzz-targets.js"),
    import("../../packages/vision/dist/onnx/testing/fuzz-targets.js"),
    import("../../packages/vision/dist/datasets/testing/fuzz-targets.js"),
    import("../../packages/vision/dist/images/testing/fuzz-targets.js"),
  ]);
  mkdirSync(join(folder, "data"), { recursive: true });
  return [
    ...files.modelFileTargets(folder),
    ...models.onnxTargets(),
    ...annotations.annotationTargets(join(folder, "data")),
    ...(await pictures.pictureTargets()),
  ];
}
