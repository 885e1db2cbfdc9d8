import type { TrainingObserver } from "@singleshot/detection";
import { merge, nested, type Recipe, resolveRecipe, startingFrom } from "@singleshot/detection/recipes";
import type { Device } from "@singleshot/torch";
import type { World } from "@singleshot/torch/world";
import { type Dataset, InputError } from "@singleshot/vision";
import type { DataFlags } from "../../options/index.js";
import type { DeviceChoice, Devices } from "./devices.js";
import { type Parsed, type Program, parse, valueName } from "./program.js";
import type { Row, Values } from "./row.js";
import { longName } from "./spelling.js";

/** Where the pictures lie, in our own words. */
export interface TrainingFiles extends DataFlags {
  /** Splits that training takes, the first that is there. */
  splits?: readonly string[];
  /** Where the original knows them itself. */
  classes?: readonly string[];
  evaluationSplits?: readonly string[];
  /** Names of COCO's category ids, where those are the labels. */
  categoryIds?: readonly string[];
}

/** What a training program decides beyond its rows. */
export interface Decisions {
  /** The recipe that the rows' values go over. */
  base: unknown;
  files: TrainingFiles;
  /** Where the original's files go; our run lies in it. */
  folder: string;
  /** A checkpoint in torchvision's form that is gone on with. */
  checkpoint?: string;
  /** What the recipe has otherwise where the run is on a GPU. */
  onGpu?: object;
  notes?: readonly (string | false | undefined)[];
}

/** A program that trains: its flags as a table, what they mean together, and nothing of training itself. */
export interface TrainingProgram<Flags> extends Omit<Program<Flags>, "run"> {
  decide(values: Flags, given: ReadonlySet<string>): Decisions;
  /** Defaults that depend on another flag; they go over those of the rows. */
  defaults?(values: Flags): object;
  /** What is done in place of training, where the flags ask for that. */
  instead?(values: Flags): ((here: Here) => Promise<void>) | undefined;
  /** What has to be on the disk before training begins. */
  beforehand?(values: Flags): Promise<void>;
  /** Where it computes, in so many processes on this machine, where nobody started several; left out: on the first GPU, or the CPU. */
  devices?(values: Flags): Devices;
  /** Its batch counts the pictures of one process; the recipe's counts those of all. */
  batchPerProcess?: boolean;
  /** Who writes the original's files and lines. */
  observers(observed: Observed<Flags>): Promise<TrainingObserver[]>;
}

/** This process among those of a run. */
export interface Here {
  device: Device;
  /** The processes that do it together. */
  world?: World;
}

/** What observers may look at. */
export interface Observed<Flags> extends Here {
  flags: Flags;
  folder: string;
  recipe: Recipe;
  train: Dataset;
  evaluation: Dataset | undefined;
  say: (line: string) => void;
}

/** What a command line of the original means here. */
export interface Translation extends Omit<Decisions, "base" | "notes"> {
  recipe: Recipe;
  /** What the user should know: flags without effect, what is done otherwise. */
  notes: string[];
  values: Values;
}

/**
 * A command line of a training program as a recipe; whether a file is there decides defaults alone.
 *
 * @param processes how many train together
 * @throws InputError on a wrong one
 */
export const translate = (program: TrainingProgram<never>, argv: readonly string[], processes?: number): Translation =>
  translation(program, parse(program, argv), processes);

export function translation(
  program: TrainingProgram<never>,
  { values: read, given }: Pick<Parsed, "values" | "given">,
  processes = 1,
): Translation {
  const { rows, decide, defaults, batchPerProcess = false } = program as unknown as TrainingProgram<Values>;
  const usual = Object.entries(defaults?.(read) ?? {}).filter(([name]) => !given.has(name));
  const values = { ...read, ...Object.fromEntries(usual) };
  const notes = notesOf(program as never, { values, given });
  const { base, notes: more = [], ...rest } = decide(values, given);
  const overlays = rows.flatMap((row) => overlayOf(row, values));
  const whole = resolveRecipe(overlays.reduce(over, base));
  const recipe = resolveRecipe(overlays.reduce(over, startingFrom(whole.training, whole) as unknown));
  const { data } = recipe;
  const batchSize = data.batchSize * (batchPerProcess ? processes : 1);
  return {
    ...rest,
    recipe: { ...recipe, data: { ...data, batchSize } },
    values,
    notes: [...notes, ...more.filter((note): note is string => Boolean(note))],
  };
}

const over = (base: unknown, overlay: unknown) => merge(base, overlay);

function overlayOf(row: Row<Values>, values: Values): unknown[] {
  const value = values[valueName(row as never)];
  if (row.into === undefined || value === undefined || row.when?.counts(values) === false) return [];
  return [nested(row.into.split("."), row.as ? row.as(value as never, values) : value)];
}

/**
 * What is to be said of the flags that were given: those without effect.
 *
 * @throws InputError for one that cannot be had
 */
export function notesOf({ rows }: { rows: readonly Row<Values>[] }, { values, given }: Pick<Parsed, "values" | "given">): string[] {
  return rows.flatMap((row) => {
    if (!given.has(valueName(row as never))) return [];
    const flag = longName(row);
    if (row.refused !== undefined) throw new InputError(row.refused, { file: flag });
    if (row.ignored !== undefined) return [`${flag} is without effect: ${row.ignored}`];
    return row.when?.counts(values) === false ? [`${flag} is without effect: it counts ${row.when.says}`] : [];
  });
}

/** What is to be said of where it computes: of the flags that were given, those that only a GPU heeds. */
export function deviceNotes(
  { rows }: { rows: readonly Row<Values>[] },
  { values, given }: Pick<Parsed, "values" | "given">,
  { device, note }: DeviceChoice,
): string[] {
  const vain = rows.filter((row) => {
    const name = valueName(row as never);
    return device === "cpu" && given.has(name) && row.wantsGpu?.(values[name] as never);
  });
  return [...(note === undefined ? [] : [note]), ...vain.map((row) => `${longName(row)} is without effect: the device is the CPU`)];
}
