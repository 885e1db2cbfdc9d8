/** A float as Python prints it: `5.0`, `1e-05`. */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e16)) return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** `2026-11-26 06:50:09`, in local time. */
export function timeStamp(date: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}

/** `1:02:03`, as Python's timedelta prints whole seconds. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (number: number) => String(number).padStart(2, "0");
  const days = Math.floor(seconds / 86400);
  const time = `${Math.floor((seconds % 86400) / 3600)}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return days > 0 ? `${days} day${days > 1 ? "s" : ""}, ${time}` : time;
}

/** Flags by the names that argparse gives them, in its order: `batchSize` is `batch_size`; what was not said is null. */
export function pythonNames(flags: object): Map<string, unknown> {
  const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return new Map(Object.entries(flags).map(([name, value]) => [snake(name), value ?? null]));
}

/** `Namespace(net='mb1-ssd', resolution=300, freeze_net=False)` */
export const namespaceText = (flags: object): string =>
  `Namespace(${[...pythonNames(flags)].map(([name, value]) => `${name}=${literal(value)}`).join(", ")})`;

function literal(value: unknown): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : pythonFloat(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  return `'${String(value).replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
