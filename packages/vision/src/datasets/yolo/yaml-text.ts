import { parse, YAMLParseError } from "yaml";
import { readText, TextFault } from "../text-file.js";

/** Names of classes by the thousand have room in it. */
const MAX_BYTES = 2 ** 16;
/** A data.yaml needs three; the library recurses, and at the end of the stack the process would die. */
const MAX_DEPTH = 20;
/** Anchors, tags and the like, of which a data.yaml needs none, cost the library the square of their number. */
const MAX_MARKS = 500;

/**
 * A YAML file as maps, lists and scalars.
 *
 * @throws TextFault with the line when it is none, or nested as no data.yaml is
 */
export function readYaml(file: string): unknown {
  const text = readText(file, { maxBytes: MAX_BYTES });
  requireShallow(text);
  requirePlain(text);
  try {
    return parse(text, { mapAsMap: true, maxAliasCount: 100, logLevel: "error" });
  } catch (error) {
    if (error instanceof YAMLParseError) throw new TextFault(error.message.split(/ at line|\n/)[0]!, error.linePos?.[0].line ?? 1);
    throw new TextFault(`not a YAML file that can be read: ${(error as Error).message}`, 1); // of aliases, for instance
  }
}

/** Counts what can open something inside something else: brackets, `- - -` and the like in one line, indentation. */
function requireShallow(text: string): void {
  let brackets = 0;
  text.split("\n").forEach((line, i) => {
    for (const letter of line) {
      if (letter === "[" || letter === "{") brackets++;
      else if ((letter === "]" || letter === "}") && brackets > 0) brackets--;
      if (brackets > MAX_DEPTH) throw tooDeep(i + 1);
    }
    const [start = ""] = /^[\s?:-]*/.exec(line) ?? [];
    if (start.replace(/[^?:-]/g, "").length > MAX_DEPTH && !/^-+\s*$/.test(start)) throw tooDeep(i + 1);
    if (start.length > 10 * MAX_DEPTH) throw tooDeep(i + 1);
  });
}

function requirePlain(text: string): void {
  let marks = 0;
  text.split("\n").forEach((line, i) => {
    marks += line.match(/(?<=^|[\s,[{])[&*!?|>%@`]/g)?.length ?? 0;
    const dashes = line.match(/(?<=\s)-(?=\s)/g)?.length ?? 0;
    if (marks > MAX_MARKS || dashes > MAX_MARKS) throw new TextFault(`more than ${MAX_MARKS} marks that no data.yaml has`, i + 1);
  });
}

const tooDeep = (line: number) => new TextFault(`more than ${MAX_DEPTH} things inside one another`, line);
