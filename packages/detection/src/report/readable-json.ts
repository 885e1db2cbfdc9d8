/** JSON with a line for every key, but lists of plain values on one. */
export function readableJson(value: unknown, indent = ""): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const parts = Array.isArray(value) ? value.map((one) => readableJson(one, inner)) : entriesOf(value, inner);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (parts.length === 0 || isPlainList(value)) return `${open}${parts.join(", ")}${close}`;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
}

function entriesOf(value: object, indent: string): string[] {
  const known = Object.entries(value).filter(([, one]) => one !== undefined);
  return known.map(([key, one]) => `${JSON.stringify(key)}: ${readableJson(one, indent)}`);
}

const isPlainList = (value: object) => Array.isArray(value) && value.every((one) => typeof one !== "object" || one === null);
