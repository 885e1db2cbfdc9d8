import { existsSync } from "node:fs";
import { Command } from "commander";
import { isStandardOutput, jsonOption, writeJson } from "../options/index.js";
import { interruption, openTerminal, type Terminal } from "../terminal/index.js";

const EXAMPLES = `
Examples:
  $ singleshot weights                                       what there is, and what is here
  $ singleshot weights SSD300_VGG16_Weights.COCO_V1          fetch it
  $ singleshot train --recipe ssd300-vgg16 --data photos --weights SSD300_VGG16_Weights.COCO_V1
  $ singleshot eval SSD300_VGG16_Weights.COCO_V1 --data coco

The files are torchvision's and lie where PyTorch keeps them ($TORCH_HOME, or ~/.cache/torch):
what Python has fetched is here already. Nothing else is ever fetched without being asked for.`;

export function weights(): Command {
  return new Command("weights")
    .summary("list or fetch the weights that torchvision has published")
    .description("List the weights that torchvision has published, or fetch some. Their content is checked by its hash.")
    .argument("[NAME...]", "which to fetch")
    .addOption(jsonOption())
    .addHelpText("after", EXAMPLES)
    .action((names: string[], flags: { json?: string }) => (names.length > 0 ? fetchAll(names) : list(flags)));
}

async function list({ json }: { json?: string }): Promise<void> {
  const { PUBLISHED, publishedPath, publishedUrl } = await import("@singleshot/detection/published");
  const rows = PUBLISHED.map((one) => {
    const file = publishedPath(one);
    return { name: one.name, for: one.detector ? "detector" : "backbone", url: publishedUrl(one), file, here: existsSync(file) };
  });
  if (json) writeJson(json, rows);
  if (isStandardOutput(json)) return;
  const width = Math.max(...rows.map(({ name }) => name.length));
  const line = (row: (typeof rows)[number]) => `${row.name.padEnd(width)}  ${row.for.padEnd(8)}  ${row.here ? row.file : "not fetched"}`;
  openTerminal().say(rows.map(line).join("\n"));
}

async function fetchAll(names: readonly string[]): Promise<void> {
  const terminal = openTerminal();
  const { requirePublished, publishedFile } = await import("@singleshot/detection/published");
  const { signal, release } = interruption(() => {});
  for (const one of names.map(requirePublished)) {
    await fetchOne(one, signal, terminal);
    terminal.say(`${one.name}: ${publishedFile(one)}`);
  }
  release();
}

type Published = import("@singleshot/detection/published").Published;

async function fetchOne(one: Published, signal: AbortSignal, terminal: Terminal): Promise<void> {
  const { publishedDigest, publishedPath, publishedUrl } = await import("@singleshot/detection/published");
  const { downloadFile } = await import("@singleshot/vision/node");
  const file = publishedPath(one);
  if (existsSync(file)) return;
  const onProgress = (bytes: number, total = bytes) =>
    terminal.progress.show(bytes / total, `${one.file}, ${(bytes / 2 ** 20).toFixed(1)} of ${(total / 2 ** 20).toFixed(1)} MB`);
  await downloadFile(publishedUrl(one), file, { sha256: publishedDigest(one), signal, onProgress });
  terminal.progress.clear();
}
