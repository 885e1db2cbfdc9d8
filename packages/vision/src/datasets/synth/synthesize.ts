import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { randomOf } from "../../random.js";
import type { FormatName } from "../format-names.js";
import { mapLimited } from "../map-limited.js";
import { requireFree, writeDataset } from "../write.js";
import type { WrittenImage } from "../writing/index.js";
import { drawScene, SHAPE_NAMES } from "./scene.js";

export interface SynthesizeOptions {
  format?: FormatName;
  seed?: number;
  /** how many pictures each split has */
  splits?: Readonly<Record<string, number>>;
  /** four shapes in as many colours; of more classes several share a shape */
  classes?: readonly string[];
  /** pixels of a side */
  size?: number;
  /** at most so many in a picture; some have none */
  maxObjects?: number;
}

const DRAWN_AT_ONCE = 4;

/**
 * Writes a data set of drawn shapes, for tests and for trying things out: the same arguments give the same files. Box and shape fit to the
 * pixel.
 *
 * @throws InputError when there is something in the folder already
 */
export async function synthesizeDataset(
  out: string,
  {
    format = "voc",
    seed = 0,
    splits = { train: 64, val: 16 },
    classes = SHAPE_NAMES.slice(0, 3),
    size = 128,
    maxObjects = 4,
  }: SynthesizeOptions = {},
): Promise<void> {
  requireFree(out);
  const folder = await mkdtemp(join(tmpdir(), "singleshot-synth-"));
  try {
    const names = Object.keys(splits);
    const numbered = names.map((name, part) => ({
      name,
      ids: Array.from({ length: splits[name]! }, (_, i) => ({ id: `${name}-${String(i + 1).padStart(4, "0")}`, part, i })),
    }));
    const written = [];
    for (const { name, ids } of numbered) {
      const images = await mapLimited(ids, DRAWN_AT_ONCE, ({ id, part, i }) => picture(join(folder, `${id}.png`), id, [seed, part, i]));
      written.push({ name, images });
    }
    await writeDataset(out, { classes: [...classes], splits: written }, format);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }

  async function picture(imageFile: string, id: string, keys: readonly number[]): Promise<WrittenImage> {
    const { svg, objects } = drawScene(randomOf(...keys), { classes, size, maxObjects });
    await sharp(Buffer.from(svg)).removeAlpha().png().toFile(imageFile);
    return { id, imageFile, width: size, height: size, objects: objects.map((object, j) => ({ ...object, flags: 0, annotation: j + 1 })) };
  }
}
