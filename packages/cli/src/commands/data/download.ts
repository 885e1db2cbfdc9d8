import { basename, join } from "node:path";
import { InputError } from "@singleshot/vision";
import type { OpenImagesResult } from "@singleshot/vision/node";
import { Command } from "commander";
import { EXIT } from "../../exit-codes.js";
import { isStandardOutput, jsonOption, wholeNumber, words, writeJson } from "../../options/index.js";
import { count, interruption, openTerminal, type Terminal } from "../../terminal/index.js";

const EXAMPLES = `
Examples:
  $ singleshot data download --class-names Apple,Banana --stats-only
  $ singleshot data download --class-names Apple,Banana --max-images 2500 --data fruit
  $ singleshot data download https://example.org/photos.zip --out . --sha256 3f2a…

Without URL: pictures and boxes of Open Images (release 2018_04), as jetson's downloader lays them
out. What is there already is not fetched again; what was half fetched is gone on with.`;

interface DownloadFlags {
  data: string;
  classNames?: string[];
  includeDepiction?: boolean;
  removeOverlapped?: boolean;
  maxImages?: number;
  maxAnnotationsPerClass?: number;
  statsOnly?: boolean;
  workers: number;
  retries: number;
  seed: number;
  source?: string;
  out: string;
  sha256?: string;
  json?: string;
}

export function download(): Command {
  return new Command("download")
    .summary("fetch classes of Open Images, or plain files")
    .description("Fetch pictures and boxes of some classes from Open Images, or plain files.")
    .argument("[URL...]", "plain files, instead")
    .option("--class-names <A,B>", "which classes, upper and lower case alike", words)
    .option("--data <DIR>", "where the data set goes", "data")
    .option("--max-images <N>", "at most so many pictures, in all splits together", wholeNumber("--max-images", { min: 1 }))
    .option(
      "--max-annotations-per-class <N>",
      "at most so many boxes of a class in a split",
      wholeNumber("--max-annotations-per-class", { min: 1 }),
    )
    .option("--include-depiction", "drawings and the like, too")
    .option("--remove-overlapped", "without single objects in the box of a group of their class")
    .option("--stats-only", "counts what there is, fetches no picture")
    .option("--workers <N>", "pictures at the same time", wholeNumber("--workers", { min: 1, max: 256 }), 10)
    .option("--retries <N>", "how often a failed attempt is repeated", wholeNumber("--retries", { min: 0, max: 1000 }), 10)
    .option("--seed <N>", "another choice where there are too many", wholeNumber("--seed", { min: 0 }), 0)
    .option("--source <URL>", "a copy of Open Images elsewhere: tables and pictures below one address")
    .option("--out <DIR>", "where plain files go", ".")
    .option("--sha256 <HASH>", "of the plain file: another content is refused")
    .addOption(jsonOption())
    .addHelpText("after", EXAMPLES)
    .action((urls: string[], flags: DownloadFlags) => (urls.length > 0 ? plainFiles(urls, flags) : openImages(flags)));
}

async function plainFiles(urls: readonly string[], { out, sha256, retries }: DownloadFlags): Promise<void> {
  const terminal = openTerminal();
  if (sha256 !== undefined && (urls.length > 1 || !/^[0-9a-f]{64}$/i.test(sha256)))
    throw new InputError("a hash is 64 hexadecimal digits, of one file", { file: "--sha256" });
  const { downloadFile } = await import("@singleshot/vision/node");
  for (const url of urls) {
    const file = join(out, fileNameOf(url));
    const onProgress = (bytes: number, total?: number) =>
      terminal.progress.show(total ? bytes / total : 0, `${file}, ${(bytes / 1e6).toFixed(1)} MB`);
    await downloadFile(url, file, { retries, onProgress, ...(sha256 !== undefined && { sha256 }) });
    terminal.say(file);
  }
}

function fileNameOf(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new InputError(`${url} is not an address of the web`, { fix: "write https://…" });
  const name = basename(decodeURIComponent(new URL(url).pathname));
  if (name === "" || name === ".." || name === ".") throw new InputError(`${url} names no file`);
  return name;
}

async function openImages(flags: DownloadFlags): Promise<void> {
  const { classNames, source, data, json, ...rest } = flags;
  if (!classNames?.length) throw new InputError("--class-names is missing", { fix: "name the classes: --class-names Apple,Banana" });
  const terminal = openTerminal({ json: isStandardOutput(json) });
  const { downloadOpenImages } = await import("@singleshot/vision/node");
  const { signal, release } = interruption(() => terminal.warn("Stopping; the same command goes on."));
  try {
    const result = await downloadOpenImages(data, {
      ...rest,
      classNames,
      signal,
      ...(source !== undefined && { source: { tables: source, pictures: source } }),
      onTable: (file) => terminal.say(`fetching ${file}`),
      onPicture: ({ done, total, failed }) => {
        if (failed) terminal.warn(`left out: ${failed}`);
        terminal.progress.show(done / total, `${done} of ${total} pictures`);
      },
    });
    terminal.progress.clear();
    tell(result, flags, terminal);
    if (json) writeJson(json, result);
  } catch (error) {
    if (!signal.aborted) throw error;
    process.exitCode = EXIT.interrupted;
  } finally {
    release();
  }
}

function tell({ splits, failed }: OpenImagesResult, { data, statsOnly }: DownloadFlags, { say }: Terminal): void {
  for (const { split, images, boxes, classes } of splits) {
    const list = Object.entries(classes).map(([name, number]) => `${number.toLocaleString("en-US")} ${name}`);
    say(`${split}: ${count(images, "picture")}, ${count(boxes, "box", "boxes")}${list.length > 0 ? `: ${list.join(", ")}` : ""}`);
  }
  if (failed.length > 0) say(`${count(failed.length, "picture")} could not be fetched`);
  if (!statsOnly) say(`\nwritten to ${data} (--dataset openimages)`);
}
