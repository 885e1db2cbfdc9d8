import { closest, InputError } from "@singleshot/vision";
import { z } from "zod";

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

/**
 * What a recipe is by its schema, with what was left out filled in.
 * @throws InputError naming every key that is wrong, where possible with the right one
 */
export function checked<Schema extends z.ZodType>(schema: Schema, input: unknown, file?: string): z.output<Schema> {
  const result = schema.safeParse(input, { error: explained });
  if (result.success) return result.data;
  const issues = result.error.issues.flatMap(variantsOpened);
  throw new InputError(`the recipe is wrong: ${z.prettifyError(new z.ZodError(issues)).replace(/\n\s*/g, " ")}`, {
    ...(file && { file }),
    fix: "`singleshot recipes NAME` prints a complete one",
  });
}

/** Says of what nobody knows what is known; undefined: zod's own words. */
function explained(issue: RawIssue): string | undefined {
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys((issue.inst as z.ZodObject).shape);
    return issue.keys.map((key) => `no such key: ${key} ${guess(key, known)}`).join(", ");
  }
  if (issue.code === "invalid_union" && issue.inclusive !== false && issue.discriminator !== undefined) {
    const name = issue.discriminator;
    const value = (issue.input as Record<string, unknown>)[name];
    return `${value === undefined ? `${name} is missing` : `no such ${name}: ${value}`} ${guess(String(value), (issue.options ?? []).map(String))}`;
  }
  if (issue.code === "invalid_value" && typeof issue.input === "string")
    return `it cannot be ${issue.input} ${guess(issue.input, issue.values.map(String))}`;
  return undefined;
}

function guess(word: string, known: readonly string[]): string {
  const near = closest(word, known);
  return near === undefined ? `(there ${known.length === 1 ? "is" : "are"} ${known.join(", ")})` : `(did you mean ${near}?)`;
}

/** Of a value that fits no variant, what is wrong with the variant it was meant for: where only one is of its type, or it is like one inside. */
function variantsOpened(issue: Issue): Issue[] {
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
  const variants = issue.errors.map((issues) => issues.flatMap(variantsOpened));
  const depths = variants.map(depthOf);
  const meant = variants.filter((_, i) => depths[i] === Math.max(...depths));
  return meant.length === 1 ? meant[0]!.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) : [issue];
}

/** How far inside a variant is wrong; less than 0: it is of another type altogether. */
const depthOf = (issues: readonly Issue[]) =>
  Math.min(...issues.map(({ code, path }) => (path.length === 0 && code === "invalid_type" ? -1 : path.length)));
