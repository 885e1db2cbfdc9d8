import { colorOfClass } from "@singleshot/vision/node";
import type { ReportData } from "../data.js";
import { classes } from "./classes.js";
import { anchorSection, dataSection } from "./data-section.js";
import { glance } from "./glance.js";
import { html } from "./markup.js";
import { mistakes, worstPictures } from "./mistakes.js";
import { page } from "./page.js";
import { settings } from "./settings.js";
import { training } from "./training.js";

/** A run's report as one page of HTML. */
export function reportPage(data: ReportData): string {
  const colors = data.classes.map((_, i) => colorOfClass(i + 1));
  const parts = [
    ["glance", "At a glance", glance(data)],
    ["mistakes", "What goes wrong", mistakes(data, colors)],
    ["pictures", "The worst pictures", worstPictures(data, colors)],
    ["classes", "Class by class", classes(data, colors)],
    ["training", "Training", training(data, colors)],
    ["data", "Data", dataSection(data, colors)],
    ["anchors", "Anchors", anchorSection(data)],
    ["settings", "Settings", settings(data)],
  ] as const;
  const present = parts.filter(([, , content]) => content !== "");
  const { name, recipe, input } = data;
  return page(
    {
      title: name,
      subtitle: html`${recipe.name}: ${recipe.description}. Input: ${input}; ${data.classes.length} ${data.classes.length === 1 ? "class" : "classes"}.`,
      links: present.map(([id, title]) => [id, title]),
    },
    present.map(([, , content]) => content),
  );
}
