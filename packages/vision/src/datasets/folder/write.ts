import { mkdir, writeFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { cropPicture, decodePicture, encodePicture } from "../../images/index.js";
import { mapLimited } from "../map-limited.js";
import type { RawObject } from "../types.js";
import { copyPictures, type DatasetWriter, labelsText, type WrittenImage, writeText } from "../writing/index.js";

const CROPS_AT_ONCE = 4;

/**
 * Writes a folder for each class, to train a classifier: a picture that is all one object is copied, of others every object is cut out.
 */
export const writeFolder: DatasetWriter = async (out, { classes, splits }) => {
  const folders = folderNames(classes);
  await writeText(join(out, "labels.txt"), labelsText([...folders.values()]));
  for (const { name = "", images } of splits) {
    const placeOf = ({ name: className }: RawObject, file: string) => join(out, name, folders.get(className)!, file);
    const whole = images.filter(isOneObject);
    await copyPictures(whole, (image) => placeOf(image.objects[0]!, ownName(image) + extname(image.imageFile)));
    for (const image of images.filter((image) => !isOneObject(image))) {
      await cutObjects(image, (object, i) => placeOf(object, `${ownName(image)}-${i + 1}.png`));
    }
  }
};

/** A class may be called as no folder can be. */
function folderNames(classes: readonly string[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const name of classes) {
    const plain = name.replace(/[\\/:*?"<>|\0]/g, "_").replace(/^\.+/, "_");
    const taken = new Set(names.values());
    names.set(name, taken.has(plain) ? `${plain}_${names.size + 1}` : plain);
  }
  return names;
}

/** The id without the folder of its class, which comes before it anyway. */
function ownName({ id, objects }: WrittenImage): string {
  const prefix = `${objects[0]?.name}/`;
  return (id.startsWith(prefix) ? id.slice(prefix.length) : id).replaceAll("/", "_");
}

function isOneObject({ objects, width, height }: WrittenImage): boolean {
  const [x1, y1, x2, y2] = objects[0]?.box ?? [];
  return objects.length === 1 && x1 === 0 && y1 === 0 && x2 === width && y2 === height;
}

async function cutObjects({ imageFile, objects }: WrittenImage, fileOf: (object: RawObject, i: number) => string): Promise<void> {
  const picture = await decodePicture(imageFile);
  await mapLimited(objects, CROPS_AT_ONCE, async (object, i) => {
    await mkdir(dirname(fileOf(object, i)), { recursive: true });
    await writeFile(fileOf(object, i), await encodePicture(cropPicture(picture, object.box), ".png"));
  });
}
