/** Where bad input stands and what mends it. */
export interface InputErrorPlace {
  file?: string;
  line?: number;
  annotation?: string | number;
  fix?: string;
}

/**
 * The input is wrong, not the program: one message that says where, what, and what to do. The command line ends with exit code 2.
 *
 *     instances_train.json, annotation 4182: box [12, 40, 31, 40] has no height. Correct its bbox or remove the annotation.
 */
export class InputError extends Error {
  override name = "InputError";

  constructor(
    readonly problem: string,
    readonly place: InputErrorPlace = {},
  ) {
    const { file, line, annotation, fix } = place;
    const where = [file, line !== undefined && `line ${line}`, annotation !== undefined && `annotation ${annotation}`]
      .filter(Boolean)
      .join(", ");
    const sentence = fix ? `${problem}. ${fix[0]?.toUpperCase()}${fix.slice(1)}${/[.?!]$/.test(fix) ? "" : "."}` : problem;
    super(where ? `${where}: ${sentence}` : sentence);
  }
}
