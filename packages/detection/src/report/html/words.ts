import type { MistakeKind } from "@singleshot/vision";
import type { WorstGroup } from "../data.js";

/** The kinds of TIDE in words that need no paper. */
export const MISTAKE_WORDS: Record<MistakeKind, { name: string; means: string }> = {
  missed: { name: "missed", means: "an object that no detection stands for" },
  background: { name: "false alarm", means: "a detection where nothing is" },
  localization: { name: "badly placed", means: "the right class, but the box overlaps its object by 0.1 to 0.5 only" },
  classification: { name: "wrong class", means: "the box is good, the name is not" },
  both: { name: "wrong class and badly placed", means: "it overlaps an object of another class, and not well" },
  duplicate: { name: "counted twice", means: "a better detection has found the object already" },
};

export const WORST_WORDS: Record<WorstGroup["kind"], { title: string; means: string }> = {
  missed: { title: "Missed", means: "Objects that were not found." },
  "false-alarm": { title: "False alarms", means: "Detections where nothing of the kind is, or where it was found already." },
  misplaced: { title: "Badly placed", means: "Detections that overlap an object, but not well enough." },
  misnamed: { title: "Wrong class", means: "Objects that were found and given the wrong name." },
};
