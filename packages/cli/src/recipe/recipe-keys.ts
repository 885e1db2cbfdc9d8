import { closest, InputError } from "@singleshot/vision";

/** What can tell itself as JSON Schema: zod's schemas. */
export interface RecipeSchema {
  toJSONSchema(options: { io: "input" }): unknown;
}

/** The part of JSON Schema that recipes use. */
interface Schema {
  properties?: Record<string, Schema>;
  oneOf?: Schema[];
  anyOf?: Schema[];
  items?: Schema | false;
  prefixItems?: Schema[];
  /** `{}`: any further key */
  additionalProperties?: Schema | boolean;
}

const ANY = "*";

/** @throws InputError for a key that no recipe has, with those that are spelled or end alike */
export function requireRecipeKey(schema: RecipeSchema, key: string, flag: string): void {
  const keys = recipeKeys(schema);
  const path = key.split(".").map((part) => (/^\d+$/.test(part) ? "0" : part));
  if (keys.some((known) => fits(known.split("."), path))) return;
  const guesses = similar(key, keys);
  const fix = guesses.length > 0 ? `did you mean ${guesses.join(" or ")}?` : "`singleshot recipes NAME` prints all keys";
  throw new InputError(`no recipe has the key ${key}`, { file: flag, fix });
}

const fits = (known: readonly string[], path: readonly string[]) =>
  known.length <= path.length &&
  known.every((part, i) => part === ANY || part === path[i]) &&
  (known.at(-1) === ANY || known.length === path.length);

/** All keys as dotted paths; 0 stands for the number of a list's element. */
function recipeKeys(schema: RecipeSchema): string[] {
  return [...new Set(keysOf(schema.toJSONSchema({ io: "input" }) as Schema, ""))];
}

function keysOf(schema: Schema, prefix: string): string[] {
  const below = (key: string, inner: Schema) => [`${prefix}${key}`, ...keysOf(inner, `${prefix}${key}.`)];
  const items = [...(schema.items ? [schema.items] : []), ...(schema.prefixItems ?? [])];
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => below(key, inner)),
    ...[...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].flatMap((variant) => keysOf(variant, prefix)),
    ...items.flatMap((inner) => below("0", inner)),
    ...(typeof schema.additionalProperties === "object" ? [`${prefix}${ANY}`] : []),
  ];
}

function similar(key: string, keys: readonly string[]): string[] {
  const last = (path: string) => path.split(".").at(-1)!;
  const whole = closest(key, keys);
  if (whole !== undefined) return [whole];
  const ending = closest(last(key), keys.map(last));
  return keys.filter((known) => last(known) === ending).slice(0, 3);
}
