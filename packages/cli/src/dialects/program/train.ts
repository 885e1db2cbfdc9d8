import type { TrainingObserver } from "@singleshot/detection";
import { merge, type Recipe } from "@singleshot/detection/recipes";
import type { Command } from "commander";
import { readWorld } from "../../options/index.js";
import { openTerminal, shellWord, type Terminal, tellWorld } from "../../terminal/index.js";
import { type DeviceChoice, FIRST_GPU, inProcesses } from "./devices.js";
import { freeRun } from "./free-run.js";
import { ownWords, type RunInWords } from "./own-words.js";
import { commandOf, type Parsed } from "./program.js";
import { settleDevice } from "./settle-device.js";
import { type Here, type TrainingProgram, type Translation, translation } from "./translate.js";

/** A training program of an original as a command of ours. */
export const trainingCommand = (program: TrainingProgram<never>): Command =>
  commandOf({ ...program, run: (values, given) => runTraining(program, { values, given }) });

/** Translates, says once how the run is written in our own words, and trains while observers write the original's files and lines. */
async function runTraining(program: TrainingProgram<never>, said: Pick<Parsed, "values" | "given">): Promise<void> {
  const world = readWorld({});
  const devices = program.devices?.(said.values as never) ?? FIRST_GPU;
  if (world === undefined && devices.words.length > 1) return inProcesses(devices.words.length);
  const terminal = openTerminal({ world });
  if (world) tellWorld(world, undefined, terminal);
  const settling = { devices, terminal, world };
  const hereOn = ({ device }: DeviceChoice): Here => ({ device, ...(world && { world }) });
  const other = program.instead?.(said.values as never);
  if (other) return other(hereOn(await settleDevice(program, said, settling)));
  const translated = translation(program, said, world?.size);
  const placed = await placeRun(translated);
  const choice = await settleDevice(program, said, { ...settling, notes: translated.notes });
  const place = onDevice(placed, translated, choice);
  terminal.say(`In our own words: npx ${ownWords(place)}\n`);
  if (!terminal.quiet) await program.beforehand?.(said.values as never);
  await trainAt(place, { program, translated, terminal, here: hereOn(choice) });
}

interface Training {
  program: TrainingProgram<never>;
  translated: Translation;
  terminal: Terminal;
  here: Here;
}

async function trainAt(place: RunInWords, { program, translated, terminal, here }: Training): Promise<void> {
  const { recipe, out, checkpoint, device } = place;
  const { folder, files, values } = translated;
  const { howToGoOn, readData, tellInterruption, untilInterrupted } = await import("../../training/index.js");
  const data = await readData({ ...place, resume: false, ...(files.classes && { classes: files.classes }) }, terminal);
  const { train, evaluation } = data;
  const own = terminal.quiet
    ? []
    : await program.observers({ flags: values as never, folder, recipe, train, evaluation, say: terminal.say, ...here });
  const detection = await import("@singleshot/detection");
  const { signal, release } = untilInterrupted(terminal);
  const result = await detection.train({
    ...{ recipe, data, out, signal, ...here },
    ...(checkpoint !== undefined && { from: checkpoint }),
    observers: [...own, tellWarnings(terminal)],
  });
  release();
  if (result.interrupted) tellInterruption(result, howToGoOn({ command: "train", out, device, world: here.world }), terminal);
  else terminal.say(`\nThe run's own records: ${out}. A page about it: npx singleshot report ${shellWord(out)}`);
}

/** The same run on the device that was chosen. */
function onDevice(place: RunInWords, { onGpu = {} }: Translation, { device, word }: DeviceChoice): RunInWords {
  const recipe = device === "cpu" ? place.recipe : (merge(place.recipe, onGpu) as Recipe);
  return { ...place, recipe, ...(word !== undefined && { device: word }) };
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
