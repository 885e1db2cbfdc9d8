/** Writes a COCO annotation file and a list of results as large as val2017's, the same for the same seed. */
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { below, between, randomOf } from "@singleshot/vision";

const [WIDTH, HEIGHT] = [640, 480];
const CLASSES = 80;

/** @returns the two files */
export function generate(folder, { images, boxes, detections, seed }) {
  const draw = randomOf(seed);
  const files = { annotations: join(folder, "annotations.json"), detections: join(folder, "detections.json") };
  const annotations = Array.from({ length: boxes }, (_, i) => annotation(draw, i + 1, images));
  const categories = Array.from({ length: CLASSES }, (_, i) => ({ id: i + 1, name: `class ${i + 1}` }));
  const pictures = Array.from({ length: images }, (_, i) => ({ id: imageId(i), width: WIDTH, height: HEIGHT, file_name: `${i}.jpg` }));
  writeFileSync(files.annotations, JSON.stringify({ images: pictures, annotations, categories }));
  writeResults(files.detections, draw, { annotations, images, detections });
  return files;
}

const imageId = (i) => 139 + 116 * i; // with gaps, up to six digits, as in COCO

function annotation(draw, id, images) {
  const [width, height] = [WIDTH, HEIGHT].map((side) => Math.max(4, side * draw() ** 3)); // most are small
  const bbox = [between(draw, 0, WIDTH - width), between(draw, 0, HEIGHT - height), width, height].map((x) => Number(x.toFixed(2)));
  const iscrowd = below(draw, 80) === 0 ? 1 : 0;
  const category_id = 1 + Math.floor(CLASSES * draw() ** 2); // few classes are frequent
  return { id, image_id: imageId(below(draw, images)), category_id, bbox, area: Number((0.6 * bbox[2] * bbox[3]).toFixed(4)), iscrowd };
}

/** As Python writes float32 numbers: with all their digits, and a space behind each comma. */
function writeResults(file, draw, { annotations, images, detections }) {
  const perImage = new Map(Array.from({ length: images }, (_, i) => [imageId(i), []]));
  for (const object of annotations) perImage.get(object.image_id).push(object);
  const out = openSync(file, "w");
  let done = 0;
  [...perImage].forEach(([image_id, objects], i) => {
    const until = Math.round((detections * (i + 1)) / images);
    const rows = Array.from({ length: until - done }, (_, k) => result(draw, image_id, objects[k % Math.max(objects.length * 3, 30)]));
    writeSync(out, `${done === 0 ? "[" : ", "}${rows.join(", ")}`);
    done = until;
  });
  writeSync(out, "]");
  closeSync(out);
}

/** Near an object and rather sure, or anywhere and rather not. */
function result(draw, image_id, object) {
  const { bbox, category_id } = object ?? annotation(draw, 0, 1);
  const [, , width, height] = bbox;
  const spread = 0.5 * draw();
  const box = bbox.map((x, c) => Math.fround(Math.max(0, x + between(draw, -spread, spread) * (c % 2 === 0 ? width : height))));
  const score = Math.fround(object ? draw() * (1 - spread) : draw() ** 3);
  return `{"image_id": ${image_id}, "category_id": ${category_id}, "bbox": [${box.join(", ")}], "score": ${score}}`;
}
