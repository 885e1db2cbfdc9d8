import type { MistakeKind } from "@singleshot/vision";
import type { WorstGroup } from "../data.js";

/** The kinds of TIDE in words that need no paper. */
export const MISTAKE_WORDS: Record<MistakeKind, { name: string; many: string; means: string }> = {
  missed: { name: "missed", many: "missed objects", means: "an object that no detection stands for" },
  background: { name: "false alarm", many: "false alarms", means: "a detection where nothing is" },
  localization: {
    name: "badly placed",
    many: "badly placed boxes",
    means: "the right class, but the box overlaps its object by 0.1 to 0.5 only",
  },
  classification: { name: "wrong class", many: "wrong classes", means: "the box is good, the name is not" },
  both: {
    name: "wrong class and badly placed",
    many: "wrong classes on badly placed boxes",
    means: "it overlaps an object of another class, and not well",
  },
  duplicate: { name: "counted twice", many: "objects counted twice", means: "a better detection has found the object already" },
};

export const WORST_WORDS: Record<WorstGroup["kind"], { title: string; means: string }> = {
  missed: { title: "Missed", means: "Objects that were not found." },
  "false-alarm": {
    title: "False alarms",
    means:
      "Detections where nothing of the kind is marked, or where it was found already. If it is there all the same, its annotation is missing.",
  },
  misplaced: { title: "Badly placed", means: "Detections that overlap an object, but not well enough." },
  misnamed: { title: "Wrong class", means: "Objects that were found and given another name than their annotation has." },
};
