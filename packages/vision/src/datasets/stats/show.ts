import { barCharts } from "../../images/index.js";
import { table } from "../../metrics/index.js";
import type { Picture } from "../../sample.js";
import type { Bin, DatasetStats } from "./stats.js";

/** The numbers as text, without a newline at the end. */
export function statsText(stats: DatasetStats): string {
  const { images, background, boxes, boxesPerImage, pictureSizes: sizes } = stats;
  const number = (value: number) => value.toLocaleString("en-US");
  const heading = [
    `${number(images)} pictures, ${number(background)} of them without objects; ${number(boxes)} boxes, ${boxesPerImage.mean.toFixed(1)} a picture, at most ${boxesPerImage.most}`,
    ...(sizes
      ? [
          `pictures of ${[sizes.smallest, sizes.median, sizes.largest].map((size) => size.join(" x ")).join(", ")} pixels (smallest, median, largest)`,
        ]
      : []),
  ].join("\n");
  const classRows = stats.classes.map(({ name, boxes, images, small, medium, large }) => [
    name,
    ...[boxes, images, small, medium, large].map(number),
  ]);
  const classes = table([["class", "boxes", "pictures", "small", "medium", "large"], ...classRows]);
  return [
    heading,
    classes,
    bins("side of a box in the picture", stats.relativeSizes),
    bins("width to height of a box", stats.aspectRatios),
  ].join("\n\n");
}

const BAR = 40; // letters

function bins(title: string, rows: readonly Bin[]): string {
  const most = Math.max(1, ...rows.map(({ value }) => value));
  const bar = (value: number) => ({ remark: "▇".repeat(Math.ceil((BAR * value) / most)) });
  return table([[title, "boxes"], ...rows.map(({ name, value }) => [name, value.toLocaleString("en-US"), bar(value)])]);
}

/** The same as a picture. */
export function statsPicture({ classes, relativeSizes, aspectRatios }: DatasetStats): Promise<Picture> {
  return barCharts([
    { title: "Boxes of each class", bars: classes.map(({ name, boxes }) => ({ name, value: boxes })), classColors: true },
    { title: "Side of a box as a share of the picture's", bars: relativeSizes },
    { title: "Width to height of a box", bars: aspectRatios },
  ]);
}
