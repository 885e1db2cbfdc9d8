import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { native } from "./native.js";
import { functions, methods } from "./operators.js";
import { type Argument, parseSchema, type Schema } from "./schema.js";

/**
 * Writes ops.generated.ts: a typed wrapper for every row of operators.ts, from the schemas that libtorch reports.
 * Arguments without a default are positional, the others go into a last options object.
 */

interface Wrapper {
  name: string;
  overloads: Schema[];
}

const camel = (name: string) =>
  name.replace(/([a-z0-9])_+([a-z0-9])/g, (_, before: string, after: string) => before + after.toUpperCase()).replace(/^_/, "");
const jsName = (name: string) => ({ self: "self", default: "default_", function: "function_" })[name] ?? camel(name);

function schemaOf(row: string): Schema {
  const [name = "", overload = ""] = row.split(".");
  const id = native.op(`aten::${name}`, overload);
  if (id < 0) throw new Error(`operators.ts: libtorch ${native.version()} has no aten::${row}`);
  return parseSchema(native.schema(id));
}

const wrapperOf = (row: string): Wrapper => {
  const overloads = row.split("|").map(schemaOf);
  return { name: camel(overloads[0]!.name), overloads };
};

const types: Record<string, string> = {
  Tensor: "Tensor",
  "Tensor?": "Tensor | null",
  "Tensor[]": "readonly Tensor[]",
  "Tensor?[]": "readonly (Tensor | null)[]",
  int: "number",
  float: "number",
  bool: "boolean",
  str: "string",
  Scalar: "number",
  "Scalar[]": "readonly number[]",
  "int[]": "readonly number[]",
  "float[]": "readonly number[]",
  ScalarType: "DType",
  MemoryFormat: "MemoryFormat",
  Device: "string",
  Generator: "Generator",
};

/** Not offered: everything here is strided, and pinning memory is the loader's decision. */
const hidden = new Set(["Layout", "bool pin_memory"]);
const offered = ({ type, name }: Argument) => !hidden.has(type.replace("?", "")) && !hidden.has(`${type.replace("?", "")} ${name}`);

function typeOf({ type, name }: Argument): string {
  if (name === "reduction") return "Reduction";
  const sized = /^int\[\d\](\?)?$/.exec(type);
  if (sized) return `number | readonly number[]${sized[1] ? " | null" : ""}`;
  const known = types[type] ?? (type.endsWith("?") && types[type.slice(0, -1)] && `${types[type.slice(0, -1)]} | null`);
  if (!known) throw new Error(`generate.ts: no TypeScript type for ${type} ${name}`);
  return known;
}

function converted(argument: Argument, value: string, where: string): string {
  const label = JSON.stringify(`${where}: ${argument.name}`);
  if (argument.type === "Tensor") return `handleOf(${value}, ${label})`;
  if (argument.type === "Tensor?") return `handleOrNull(${value}, ${label})`;
  if (argument.type === "Tensor[]") return `handlesOf(${value}, ${label})`;
  if (argument.type === "Tensor?[]") return `handlesOrNull(${value}, ${label})`;
  if (argument.type.startsWith("Generator")) return `${value} && ${value}.id`;
  return value;
}

const required = (schema: Schema) => schema.arguments.filter((argument) => !argument.hasDefault);
const optional = (schema: Schema) => schema.arguments.filter((argument) => argument.hasDefault && offered(argument));
const constant = (schema: Schema) => `op_${schema.name}${schema.overload && `__${schema.overload}`}`;

const resultTypes: Record<string, string> = {
  Tensor: "Tensor",
  "Tensor[]": "Tensor[]",
  Scalar: "number",
  bool: "boolean",
  int: "number",
  float: "number",
};

function resultType({ results, inPlace }: Schema, method: boolean): string {
  if (inPlace) return method ? "this" : "void";
  if (results.length === 0) return "void";
  if (results.length === 1) return resultTypes[results[0]!]!;
  return `[${results.map((type) => resultTypes[type]).join(", ")}]`;
}

function wrapped(call: string, schema: Schema): string {
  if (schema.results.length > 1) return `wrapAll(${call})`;
  return { Tensor: `wrap(${call})`, "Tensor[]": `wrapAll(${call})` }[schema.results[0]!] ?? call;
}

function invocation(schema: Schema, names: string[], method: boolean): string {
  const positional = required(schema);
  const where = `aten::${schema.name}`;
  const last = schema.arguments.findLastIndex((argument) => !argument.hasDefault || offered(argument));
  const values = schema.arguments.slice(0, last + 1).map((argument) => {
    if (method && argument === schema.arguments[0]) return "this.handle";
    if (!argument.hasDefault) return converted(argument, names[positional.indexOf(argument)]!, where);
    return offered(argument) ? converted(argument, `options.${jsName(argument.name)}`, where) : "undefined";
  });
  const inPlace = schema.inPlace || schema.results.length === 0;
  const call = `${inPlace ? "callInPlace" : "call"}(${[constant(schema), ...values].join(", ")})`;
  if (inPlace) return schema.inPlace && method ? `${call};\n    return this;` : `return ${call};`;
  return `return ${wrapped(call, schema)};`;
}

function optionsType(overloads: Schema[]): string {
  const fields = new Map(overloads.flatMap(optional).map((argument) => [jsName(argument.name), typeOf(argument)]));
  return fields.size === 0 ? "" : `{ ${[...fields].map(([name, type]) => `${name}?: ${type} | undefined`).join("; ")} }`;
}

/** The names of the positional parameters: those of the overload that has most. */
function positionalNames(overloads: Schema[]): string[] {
  const longest = overloads.map(required).reduce((a, b) => (b.length > a.length ? b : a));
  return longest.map((argument) => jsName(argument.name));
}

/** Positional parameters over all overloads: a type is the union of what they take, one that some overload lacks is optional. */
function parameters(overloads: Schema[], method: boolean): string[] {
  const lists = overloads.map(required);
  const all = positionalNames(overloads).map((name, i) => {
    const union = [...new Set(lists.flatMap((list) => (list[i] ? [typeOf(list[i]!)] : [])))].join(" | ");
    return `${name}${lists.some((list) => list.length <= i) ? "?" : ""}: ${union}`;
  });
  return method ? all.slice(1) : all;
}

/** The test that picks the first of two overloads. */
function choice({ overloads }: Wrapper): string {
  const [first, second] = overloads.map(required) as [Argument[], Argument[]];
  if (first.length < second.length) return `${jsName(second[first.length]!.name)} === undefined`;
  const differing = first.findIndex((argument, i) => argument.type.startsWith("Tensor") !== second[i]!.type.startsWith("Tensor"));
  if (differing < 0)
    return `options.${jsName(optional(overloads[1]!).find((b) => !optional(overloads[0]!).some((a) => a.name === b.name))!.name)} === undefined`;
  const name = positionalNames(overloads)[differing]!;
  const lists = [first, second].some((list) => list[differing]!.type === "Tensor[]");
  const isTensor = lists ? `Array.isArray(${name})` : `${name} instanceof TensorBase`;
  return first[differing]!.type.startsWith("Tensor") ? isTensor : `!(${isTensor})`;
}

function emit(wrapper: Wrapper, method: boolean): string {
  const { overloads, name } = wrapper;
  const options = optionsType(overloads);
  const positional = positionalNames(overloads);
  const list = [...parameters(overloads, method), ...(options ? [`options: ${options} = {}`] : [])].join(", ");
  const results = [...new Set(overloads.map((schema) => resultType(schema, method)))];
  const names = overloads.map((s) => `aten::${s.name}${s.overload && `.${s.overload}`}`).join(", ");
  const body =
    overloads.length === 1
      ? invocation(overloads[0]!, positional, method)
      : `if (${choice(wrapper)}) {\n      ${invocation(overloads[0]!, positional, method)}\n    }\n    ${invocation(overloads[1]!, positional, method)}`;
  const signatures =
    results.length === 1
      ? ""
      : overloads
          .map((schema) => {
            const own = [...parameters([schema], method), ...(optionsType([schema]) ? [`options?: ${optionsType([schema])}`] : [])];
            return `${method ? "" : "export function "}${name}(${own.join(", ")}): ${resultType(schema, method)};\n  `;
          })
          .join("");
  return `/** ${names} */\n  ${signatures}${method ? "" : "export function "}${name}(${list}): ${results.join(" | ")} {\n    ${body}\n  }\n`;
}

export function generate(): string {
  const rows = { methods: methods.map(wrapperOf), functions: functions.map(wrapperOf) };
  const schemas = [...rows.methods, ...rows.functions].flatMap((wrapper) => wrapper.overloads);
  const constants = schemas.map((schema) => `const ${constant(schema)} = native.op("aten::${schema.name}", "${schema.overload}");`);
  return `// Generated by \`npm run generate\` from operators.ts and libtorch's schemas. Do not edit.
import type { DType, MemoryFormat, Reduction } from "./dtype.js";
import type { Generator } from "./generator.js";
import { type Handle, native, type OperatorId } from "./native.js";
import { handleOf, handleOrNull, handlesOf, handlesOrNull, TensorBase } from "./tensor-base.js";

const call = native.call as (operator: OperatorId, ...args: unknown[]) => any;
const callInPlace = native.callInPlace;
const wrap = (handle: Handle): Tensor => new Tensor(handle);
// biome-ignore lint/suspicious/noExplicitAny: tuples and lists alike
const wrapAll = (handles: Handle[]): any => handles.map(wrap);

${constants.join("\n")}

/** A tensor of libtorch. Shapes are read as in PyTorch; boxes and pictures are other packages' words. */
export class Tensor extends TensorBase {
  /** The gradient that backward has added up, or null. A new handle at each reading. */
  get grad(): Tensor | null {
    const handle = native.grad(this.handle);
    return handle === null ? null : wrap(handle);
  }
  set grad(gradient: Tensor | null) {
    native.setGrad(this.handle, gradient === null ? null : handleOf(gradient, "grad"));
  }

  ${rows.methods.map((wrapper) => emit(wrapper, true)).join("\n  ")}}

${rows.functions
  .map((wrapper) => emit(wrapper, false))
  .join("\n")
  .replaceAll("\n  ", "\n")}`;
}

export const generatedFile = fileURLToPath(new URL("../src/ops.generated.ts", import.meta.url));

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(generatedFile, generate());
