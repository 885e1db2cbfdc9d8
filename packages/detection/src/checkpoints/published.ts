import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { InputError } from "@singleshot/vision";
import { type Recipe, recipes, resolveRecipe, startingFrom } from "../recipes/index.js";
import { COCO_NAMES } from "./coco-names.js";

export { COCO_NAMES };

/** Weights that torchvision has published. The file's name ends with the first eight digits of its SHA-256. */
export interface Published {
  /** as `torchvision.models.get_weight` takes it */
  name: string;
  file: string;
  /** of a detector: its recipe and what it was trained for; a classifier is for its backbone */
  detector?: { recipe: string; classes: readonly string[] };
}

const detector = (recipe: string, name: string, file: string): Published => ({ name, file, detector: { recipe, classes: COCO_NAMES } });

export const PUBLISHED: readonly Published[] = [
  detector("ssd300-vgg16", "SSD300_VGG16_Weights.COCO_V1", "ssd300_vgg16_coco-b556d3b4.pth"),
  detector("ssdlite320", "SSDLite320_MobileNet_V3_Large_Weights.COCO_V1", "ssdlite320_mobilenet_v3_large_coco-a79551df.pth"),
  detector("retinanet-resnet50", "RetinaNet_ResNet50_FPN_Weights.COCO_V1", "retinanet_resnet50_fpn_coco-eeacb38b.pth"),
  detector("retinanet-resnet50-v2", "RetinaNet_ResNet50_FPN_V2_Weights.COCO_V1", "retinanet_resnet50_fpn_v2_coco-5905b1c5.pth"),
  { name: "VGG16_Weights.IMAGENET1K_FEATURES", file: "vgg16_features-amdegroot-88682ab5.pth" },
  { name: "MobileNet_V3_Large_Weights.IMAGENET1K_V1", file: "mobilenet_v3_large-8738ca79.pth" },
  { name: "MobileNet_V3_Large_Weights.IMAGENET1K_V2", file: "mobilenet_v3_large-5c1a4163.pth" },
  { name: "ResNet50_Weights.IMAGENET1K_V1", file: "resnet50-0676ba61.pth" },
  { name: "ResNet50_Weights.IMAGENET1K_V2", file: "resnet50-11ad3fa6.pth" },
];

/** SINGLESHOT_WEIGHTS names a copy elsewhere. */
const host = () => process.env.SINGLESHOT_WEIGHTS ?? "https://download.pytorch.org/models";

export const publishedUrl = ({ file }: Published): string => `${host()}/${file}`;

/** The first digits of the SHA-256 that the content must have. */
export const publishedDigest = ({ file }: Published): string => /-([0-9a-f]{8})\.pth$/.exec(file)![1]!;

/** Where PyTorch keeps them too, so that what Python has fetched is here already. */
export function publishedPath({ file }: Published): string {
  const home = process.env.TORCH_HOME ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "torch");
  return join(home, "hub", "checkpoints", file);
}

/** Undefined where it is no name of this form, but a file's; `DEFAULT` is the latest of its kind. */
export const publishedWeights = (name: string): Published | undefined =>
  /^\w+_Weights\.[A-Z0-9_]+$/.test(name) ? requirePublished(name) : undefined;

/** What a published detector is and what it was trained for. @throws InputError for a classifier's weights */
export function publishedDetector({ name, detector }: Published): { recipe: Recipe; classes: readonly string[] } {
  if (!detector)
    throw new InputError(`${name} is a classifier, for a detector's backbone`, { fix: "`singleshot train --backbone` starts from it" });
  const { recipe, classes } = detector;
  return { recipe: startingFrom({ weights: name }, resolveRecipe(recipes.get(recipe))), classes };
}

/** @throws InputError for a name that is not published */
export function requirePublished(name: string): Published {
  const [kind] = name.split(".") as [string];
  const found = name.endsWith(".DEFAULT")
    ? PUBLISHED.findLast((one) => one.name.startsWith(`${kind}.`))
    : PUBLISHED.find((one) => one.name === name);
  if (!found)
    throw new InputError(`no published weights are named ${name}`, { fix: `one of ${PUBLISHED.map((one) => one.name).join(", ")}` });
  return found;
}

/**
 * The file of published weights, its content checked by its hash.
 * @throws InputError where it has not been fetched, or is another file
 */
export function publishedFile(published: Published): string {
  const file = publishedPath(published);
  if (!existsSync(file))
    throw new InputError(`${published.name} has not been fetched`, { file, fix: `\`singleshot weights ${published.name}\` does it` });
  const digest = createHash("sha256").update(readFileSync(file)).digest("hex");
  if (!digest.startsWith(publishedDigest(published)))
    throw new InputError(`the file is not ${published.name}: its SHA-256 begins with ${digest.slice(0, 8)}`, {
      file,
      fix: "remove it and fetch it again",
    });
  return file;
}
