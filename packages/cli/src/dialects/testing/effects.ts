import { InputError } from "@singleshot/vision";
import { describe, expect, test } from "vitest";
import { deviceNotes, type Program, parse, type TrainingProgram, translate, valueName } from "../program/index.js";

/** What a flag of an original does, written down a second time: for the test alone. */
export interface Effect {
  flags: readonly string[];
  /** What the original takes without it. */
  default?: unknown;
  /** Words behind the flag, and other flags that have to be there. */
  words?: readonly string[];
  beside?: readonly string[];
  /** Values in the recipe, by their keys. */
  recipe?: Readonly<Record<string, unknown>>;
  files?: object;
  folder?: string;
  /** The value that the log or a file depends on. */
  value?: unknown;
  note?: string;
  /** In our own words, where it computes: one for each process. */
  devices?: readonly string[];
  /** What the recipe has otherwise on a GPU. */
  onGpu?: object;
  /** Said where there is none. */
  noteWithoutGpu?: string;
  refused?: string;
}

const at = (data: unknown, key: string): unknown => key.split(".").reduce((part, name) => (part as Record<string, unknown>)?.[name], data);

/**
 * Every flag of a training program: its spellings, its default, its effect.
 *
 * @param base words that every command line needs
 */
export function testEffects(program: TrainingProgram<never>, table: readonly Effect[], base: readonly string[] = []): void {
  testSpellings(program, table);
  describe.each(table.flatMap((effect) => effect.flags.map((flag) => ({ ...effect, flag }))))("$flag", (effect) => {
    const { flag, words = [], beside = [], recipe = {}, files, folder, value, note, devices, onGpu, noteWithoutGpu, refused } = effect;
    const argv = [...base, ...beside, flag, ...words];
    if (refused !== undefined) {
      test("is refused", () =>
        expect(() => translate(program, argv)).toThrow(
          new InputError(refused, { file: effect.flags.find((one) => one.startsWith("--"))! }),
        ));
      return;
    }
    test("has its effect", () => {
      const translated = translate(program, argv);
      expect(Object.fromEntries(Object.keys(recipe).map((key) => [key, at(translated.recipe, key)]))).toEqual(recipe);
      if (files) expect(translated.files).toMatchObject(files);
      if (folder !== undefined) expect(translated.folder).toBe(folder);
      if (value !== undefined) expect(translated.values[nameOf(program, flag)]).toEqual(value);
      if (note !== undefined) expect(translated.notes).toContain(note);
      if (devices) expect(program.devices?.(translated.values as never).words).toEqual(devices);
      if (onGpu) expect(translated.onGpu).toEqual(onGpu);
      const notes = deviceNotes(program as never, parse(program, argv), { device: "cpu" });
      expect(notes).toEqual(noteWithoutGpu === undefined ? [] : [noteWithoutGpu]);
    });
    if (words.length === 1 && flag.startsWith("--"))
      test("also with an equals sign", () => {
        const [one, other] = [argv, [...base, ...beside, `${flag}=${words[0]}`]].map((line) => translate(program, line));
        expect(other).toEqual(one);
      });
  });
}

/** Every flag of a program that does not train: its spellings and its default. */
export function testSpellings(program: Omit<Program<never>, "run">, table: readonly Effect[]): void {
  test("these are the flags", () => {
    expect(program.rows.flatMap(({ flags }) => flags).sort()).toEqual(table.flatMap(({ flags }) => flags).sort());
  });
  test("these are the defaults", () => {
    const words = (program.words?.match(/<[^>]+>/g) ?? []).map((_, i) => `word-${i}`);
    const { values } = parse(program, words);
    for (const { flags, default: usual } of table) expect([flags[0], values[nameOf(program, flags[0]!)]]).toEqual([flags[0], usual]);
  });
}

function nameOf({ rows }: Pick<Program<never>, "rows">, flag: string): string {
  return valueName(rows.find(({ flags }) => flags.includes(flag))!);
}
