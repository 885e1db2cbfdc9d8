import type { TrainingObserver, TrainResult } from "@singleshot/detection";
import type { World } from "@singleshot/torch/world";
import type { Command } from "commander";
import { EXIT } from "../../exit-codes.js";
import { readWorld } from "../../options/index.js";
import { interruption, openTerminal, shellWord, type Terminal, tellWorld } from "../../terminal/index.js";
import { inProcesses } from "./devices.js";
import { freeRun } from "./free-run.js";
import { ownWords, type RunInWords } from "./own-words.js";
import { commandOf, type Parsed } from "./program.js";
import { notesOf, type TrainingProgram, type Translation, translation } from "./translate.js";

/** A training program of an original as a command of ours. */
export const trainingCommand = (program: TrainingProgram<never>): Command =>
  commandOf({ ...program, run: (values, given) => runTraining(program, { values, given }) });

/** Translates, says once how the run is written in our own words, and trains while observers write the original's files and lines. */
async function runTraining(program: TrainingProgram<never>, { values, given }: Pick<Parsed, "values" | "given">): Promise<void> {
  const world = readWorld({});
  const processes = program.processes?.(values as never) ?? 1;
  if (world === undefined && processes > 1) return inProcesses(processes);
  const terminal = openTerminal({ world });
  const tell = (notes: readonly string[]) => {
    for (const note of notes) terminal.note(`note: ${note}`);
  };
  if (world) tellWorld(world, undefined, terminal);
  const other = program.instead?.(values as never);
  if (other) {
    tell(notesOf(program as never, { values, given }));
    return other(world);
  }
  const translated = translation(program, { values, given }, world?.size);
  const place = await placeRun(translated);
  tell(translated.notes);
  terminal.say(`In our own words: npx ${ownWords(place)}\n`);
  if (!terminal.quiet) await program.beforehand?.(values as never);
  await trainAt(place, { program, translated, terminal, world });
}

interface Training {
  program: TrainingProgram<never>;
  translated: Translation;
  terminal: Terminal;
  world: World | undefined;
}

async function trainAt(place: RunInWords, { program, translated, terminal, world }: Training): Promise<void> {
  const { recipe, out, checkpoint } = place;
  const { folder, files, values } = translated;
  const { howToGoOn, readData } = await import("../../training/index.js");
  const data = await readData({ ...place, resume: false, ...(files.classes && { classes: files.classes }) }, terminal);
  const { train, evaluation } = data;
  const own = terminal.quiet
    ? []
    : await program.observers({ flags: values as never, folder, recipe, train, evaluation, say: terminal.say, ...(world && { world }) });
  const detection = await import("@singleshot/detection");
  const { signal, release } = interruption(() => terminal.note("Stopping: what is in hand is finished, then all is saved."));
  const result = await detection.train({
    ...{ recipe, data, out, signal },
    ...(world && { world }),
    ...(checkpoint !== undefined && { from: checkpoint }),
    observers: [...own, tellWarnings(terminal)],
  });
  release();
  tellTheEnd(result, { out, howToGoOn: howToGoOn({ command: "train", out, world }) }, terminal);
}

/** Where the data lie, which splits are meant, and where our own records go. */
async function placeRun({ recipe, files, folder, checkpoint }: Translation): Promise<RunInWords> {
  const { chooseSplit, dataSource } = await import("../../data/index.js");
  const data = dataSource(files);
  const choose = (names: readonly string[] = []) => chooseSplit(data, undefined, names) ?? names[0];
  const evaluationSplit = choose(files.evaluationSplits);
  const evaluation = { ...recipe.evaluation, ...(evaluationSplit !== undefined && { split: evaluationSplit }) };
  return {
    recipe: { ...recipe, evaluation },
    data,
    split: choose(files.splits),
    evaluationSplit,
    out: freeRun(folder),
    ...(checkpoint && { checkpoint }),
  };
}

function tellWarnings({ warn, progress }: Terminal): TrainingObserver {
  return { warned: warn, evaluating: ({ done, total }) => progress.show(done / total, `evaluating, ${done} of ${total} pictures`) };
}

interface Ending {
  out: string;
  howToGoOn: string;
}

function tellTheEnd({ interrupted, progress }: TrainResult, { out, howToGoOn }: Ending, { say }: Terminal): void {
  if (interrupted) {
    say(`\nInterrupted after step ${progress.globalStep}; all is saved. ${howToGoOn}`);
    process.exitCode = EXIT.interrupted;
  } else say(`\nThe run's own records: ${out}. A page about it: npx singleshot report ${shellWord(out)}`);
}
