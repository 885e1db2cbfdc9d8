import { Command } from "commander";
import { annotationsOption, type DataFlags, datasetOption, imagesOption, labelsOption, readingOptions } from "../../options/index.js";

/** A command that reads data sets: where they lie is said by its arguments or by `--data`. */
export function dataCommand(name: string, { split = true } = {}): Command {
  const command = new Command(name)
    .argument("[DIR...]", "the data set; several are one, their classes matched by name")
    .option("--data <DIR...>", "the same")
    .addOption(datasetOption());
  if (split) command.option("--split <S>", "which pictures (default: all); `train+val` is both");
  for (const option of [annotationsOption(), imagesOption(), labelsOption(), ...readingOptions()]) command.addOption(option);
  return command;
}

/** The flags with the arguments among them. */
export function withArguments<F extends DataFlags>(roots: readonly string[], flags: F): F {
  const data = [...roots, ...(flags.data ?? [])];
  return data.length > 0 ? { ...flags, data } : flags;
}
