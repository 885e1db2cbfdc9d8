import { colorOfClass, type DetectionRecord, textColorOn } from "@singleshot/vision";
import { element } from "./elements.js";

/** Writes what was found as words: counts, and every box. Returns the sentence. */
export function showResults(detections: readonly DetectionRecord[]): string {
  const counts = new Map<string, { labelId: number; count: number }>();
  for (const { label, labelId } of detections) counts.set(label, { labelId, count: (counts.get(label)?.count ?? 0) + 1 });
  const classes = [...counts].sort(([, a], [, b]) => b.count - a.count);
  element("classes").replaceChildren(...classes.map(([label, { labelId, count }]) => badge(`${count} ${label}`, labelId)));
  element("boxes").replaceChildren(...detections.map(row));
  const sentence = detections.length === 1 ? "1 object" : `${detections.length || "No"} objects`;
  element("count").textContent = sentence;
  element("found").hidden = false;
  return `${sentence}${classes.length > 0 ? `: ${classes.map(([label, { count }]) => `${count} ${label}`).join(", ")}` : ""}`;
}

function badge(text: string, labelId: number): HTMLElement {
  const item = document.createElement("li");
  item.textContent = text;
  item.style.backgroundColor = colorOfClass(labelId);
  item.style.color = textColorOn(colorOfClass(labelId));
  return item;
}

function row({ label, score, box }: DetectionRecord): HTMLElement {
  const line = document.createElement("tr");
  for (const text of [label, score.toFixed(3), ...box.map((value) => value.toFixed(1))]) {
    line.insertCell().textContent = text;
  }
  return line;
}
