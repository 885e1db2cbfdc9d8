import { InputError } from "@singleshot/vision";
import { EXIT } from "../../exit-codes.js";
import { words } from "../../options/index.js";
import { count, interruption, openTerminal } from "../../terminal/index.js";
import type { Program, Row } from "../program/index.js";

interface DownloaderFlags {
  root: string;
  includeDepiction: boolean;
  removeOverlapped: boolean;
  classNames?: string;
  numWorkers: number;
  retry: number;
  maxImages: number;
  maxAnnotationsPerClass: number;
  statsOnly: boolean;
}

const rows: readonly Row<DownloaderFlags>[] = [
  { flags: ["--root", "--data"], kind: "text", default: "data", says: "where the data set goes", decides: "--data" },
  { flags: ["--include-depiction"], kind: "switch", says: "drawings and the like, too", decides: "--include-depiction" },
  {
    flags: ["--class-names"],
    kind: "text",
    says: "which classes, commas between them, upper and lower case alike",
    decides: "--class-names",
  },
  { flags: ["--num-workers"], kind: "integer", default: 10, says: "pictures at the same time", decides: "--workers" },
  { flags: ["--retry"], kind: "integer", default: 10, says: "how often a failed attempt is repeated", decides: "--retries" },
  {
    flags: ["--remove-overlapped"],
    kind: "switch",
    says: "leave out single objects in the box of a group of their class; the original accepts it and never looks at it",
    decides: "--remove-overlapped",
  },
  {
    flags: ["--max-images"],
    kind: "integer",
    default: -1,
    says: "at most so many pictures, in all splits together; -1: all",
    decides: "--max-images",
  },
  {
    flags: ["--max-annotations-per-class"],
    kind: "integer",
    default: -1,
    says: "at most so many boxes of a class in a split; -1: all",
    decides: "--max-annotations-per-class",
  },
  { flags: ["--stats-only"], kind: "switch", says: "count what there is, fetch no picture", decides: "--stats-only" },
];

export const openImagesDownloader: Program<DownloaderFlags> = {
  name: "open_images_downloader",
  summary: "fetch classes of Open Images",
  description: "Fetch pictures and boxes of some classes from Open Images, as jetson's open_images_downloader.py lays them out.",
  rows,
  examples: ['jetson open_images_downloader --max-images=2500 --class-names "Apple,Orange,Banana" --data=data/fruit'],
  run,
};

async function run(flags: DownloaderFlags): Promise<void> {
  const classNames = words(flags.classNames ?? "");
  if (classNames.length === 0) throw new InputError("--class-names is missing", { fix: 'name the classes: --class-names "Apple,Banana"' });
  const terminal = openTerminal();
  const { downloadOpenImages } = await import("@singleshot/vision/node");
  const { signal, release } = interruption(() => terminal.warn("Stopping; the same command goes on."));
  try {
    const { splits } = await downloadOpenImages(flags.root, {
      classNames,
      ...(flags.maxImages >= 0 && { maxImages: flags.maxImages }),
      ...(flags.maxAnnotationsPerClass >= 0 && { maxAnnotationsPerClass: flags.maxAnnotationsPerClass }),
      includeDepiction: flags.includeDepiction,
      removeOverlapped: flags.removeOverlapped,
      statsOnly: flags.statsOnly,
      workers: flags.numWorkers,
      retries: flags.retry,
      signal,
      onTable: (file) => terminal.say(`Download ${file}.`),
      onPicture: ({ done, total, failed }) => {
        if (failed) terminal.warn(`left out: ${failed}`);
        terminal.progress.show(done / total, `${done} of ${total} pictures`);
      },
    });
    terminal.progress.clear();
    for (const { split, images, boxes, classes } of splits) {
      terminal.say(`'${split}' set statistics`);
      terminal.say(`  Image count:  ${images}\n  Bounding box count: ${boxes}\n  Bounding box distribution:`);
      for (const [name, number] of Object.entries(classes)) terminal.say(`    ${name}:  ${number}/${boxes}`);
    }
    if (!flags.statsOnly)
      terminal.say(
        `Task Done: ${count(
          splits.reduce((sum, { images }) => sum + images, 0),
          "picture",
        )} in ${flags.root}`,
      );
  } catch (error) {
    if (!signal.aborted) throw error;
    process.exitCode = EXIT.interrupted;
  } finally {
    release();
  }
}
