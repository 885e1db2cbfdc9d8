import { Command } from "commander";

interface System {
  summary: string;
  description: string;
  programs: readonly Command[];
}

/** A system with its programs: `singleshot jetson train_ssd ...`. */
export function system(name: string, { summary, description, programs }: System): Command {
  const command = new Command(name).summary(summary).description(description).usage("PROGRAM [flags]").helpCommand(false);
  for (const program of programs) command.addCommand(program);
  return command.addHelpText("after", `\nEvery program explains itself: singleshot ${name} ${programs[0]!.name()} --help`);
}
