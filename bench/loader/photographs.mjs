import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readDataset } from "@singleshot/vision/node";

const BCCD = fileURLToPath(new URL("../../examples/bccd/", import.meta.url));

/** The photographs of `examples/bccd` with their boxes, as plain data. */
export async function annotated() {
  const { entries } = await readDataset(BCCD, { split: "train" });
  return entries.map(({ imageFile: file, width, height, boxes, labels }) => ({
    ...{ file, width, height },
    boxes: [...boxes],
    labels: [...labels],
  }));
}

/** The same as if a camera of so many megapixels had taken them: enlarged, with a camera's noise. */
export async function enlarged(pictures, megapixels, folder) {
  const sharp = createRequire(import.meta.resolve("@singleshot/vision/node"))("sharp");
  const made = [];
  for (const { file, width, height, boxes, labels } of pictures) {
    const factor = Math.sqrt((megapixels * 1e6) / (width * height));
    const size = { width: Math.round(width * factor), height: Math.round(height * factor) };
    const pixels = await sharp(file)
      .resize({ ...size, fit: "fill", kernel: "cubic" })
      .raw()
      .toBuffer();
    let state = 1;
    for (let i = 0; i < pixels.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      pixels[i] = Math.max(0, Math.min(255, pixels[i] + ((state >>> 24) - 128) / 12));
    }
    const copy = join(folder, basename(file));
    await writeFile(
      copy,
      await sharp(pixels, { raw: { ...size, channels: 3 } })
        .jpeg({ quality: 92 })
        .toBuffer(),
    );
    made.push({ file: copy, ...size, labels, boxes: boxes.map((x, i) => x * (i % 2 ? size.height / height : size.width / width)) });
  }
  return made;
}
