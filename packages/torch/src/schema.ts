export interface Argument {
  name: string;
  /** As libtorch writes it, with SymInt read as int and alias marks left out: "Tensor?", "int[2]", "ScalarType?". */
  type: string;
  hasDefault: boolean;
}

export interface Schema {
  name: string;
  overload: string;
  arguments: Argument[];
  results: string[];
  /** It writes into its first argument and returns it. */
  inPlace: boolean;
}

const plainType = (type: string) => type.replace(/SymInt/g, "int").replace(/\([a-z!]+\)/g, "");

/** Splits at commas outside of brackets. */
function splitList(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    const letter = text[i];
    if (letter === "(" || letter === "[") depth++;
    else if (letter === ")" || letter === "]") depth--;
    else if (letter === undefined || (letter === "," && depth === 0)) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  return parts.filter((part) => part !== "" && part !== "*");
}

function parseArgument(text: string): Argument {
  const match = /^(.+?) (\w+)(=.*)?$/.exec(text.replace(/ -> \*/g, ""));
  if (!match) throw new Error(`schema: cannot read argument '${text}'`);
  return { type: plainType(match[1]!), name: match[2]!, hasDefault: match[3] !== undefined };
}

/** Reads `aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor`. */
export function parseSchema(text: string): Schema {
  const match = /^(?:aten|singleshot)::(\w+)(?:\.(\w+))?\((.*)\) -> (.*)$/.exec(text);
  if (!match) throw new Error(`schema: cannot read '${text}'`);
  const [, name = "", overload = "", list = "", results = ""] = match;
  const inner = /^\((?![a-z]!?\))(.*)\)$/.exec(results);
  return {
    name,
    overload,
    arguments: splitList(list).map(parseArgument),
    results: splitList(inner ? inner[1]! : results).map((result) => plainType(result.split(" ")[0]!)),
    inPlace: /^Tensor\([a-z]!\)$/.test(results.trim()),
  };
}
