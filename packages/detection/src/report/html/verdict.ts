import { NO_CLASS } from "@singleshot/vision";
import type { EvaluationPart, ReportData } from "../data.js";
import { decimals, percent } from "./numbers.js";
import { MISTAKE_WORDS } from "./words.js";

const FEW_OBJECTS = 30; // one object more or less moves recall by 3 % and more
const WELL_REACHED = 0.95;
const RISING = 0.005; // less may be chance

/** What one should know before looking at any chart, a sentence each. */
export function verdict(data: ReportData): string[] {
  const { evaluation } = data;
  if (!evaluation) return ["There was no split to evaluate on, so how good it is stays unknown."];
  const sentences = [extremes(evaluation), costs(evaluation), fewObjects(evaluation), unreached(data), stillRising(data)];
  return sentences.filter((sentence) => sentence !== undefined);
}

function extremes({ metrics }: EvaluationPart): string | undefined {
  const known = metrics.classes.flatMap(({ name, ap50, ap }) => (ap === null ? [] : [{ name, ap: ap50 ?? ap }]));
  if (known.length < 2) return undefined;
  const [best, worst] = [known.reduce((a, b) => (b.ap > a.ap ? b : a)), known.reduce((a, b) => (b.ap < a.ap ? b : a))];
  return `Best at ${best.name} (AP50 ${decimals(best.ap)}), weakest at ${worst.name} (${decimals(worst.ap)}).`;
}

function costs({ mistakes }: EvaluationPart): string {
  const [first, second] = mistakes.filter(({ cost }) => cost >= 0.0005).sort((a, b) => b.cost - a.cost);
  if (!first) return "No kind of mistake costs anything worth naming.";
  const next = second ? `, then ${MISTAKE_WORDS[second.kind].many} (${decimals(second.cost)})` : "";
  return `What costs most: ${MISTAKE_WORDS[first.kind].many} (${decimals(first.cost)} of AP50)${next}.`;
}

function fewObjects({ metrics }: EvaluationPart): string | undefined {
  const few = metrics.classes
    .filter(({ name, groundTruth }) => groundTruth < FEW_OBJECTS && name !== NO_CLASS)
    .map(({ name, groundTruth }) => `${name} (${groundTruth})`);
  return few.length === 0
    ? undefined
    : `With so few objects the figures are rough: ${few.slice(0, 8).join(", ")}${few.length > 8 ? ", …" : ""}.`;
}

function unreached({ anchors: { check } }: ReportData): string | undefined {
  const recall = check.all.recall[0] ?? 1;
  if (recall >= WELL_REACHED) return undefined;
  return `The anchors reach ${percent(recall)} of the objects only: \`singleshot anchors suggest\` looks for better ones.`;
}

function stillRising({ metrics: { evaluations } }: ReportData): string | undefined {
  const maps = evaluations.map(({ evaluation }) => evaluation.map ?? 0);
  if (maps.length < 3 || maps.at(-1)! < Math.max(...maps.slice(0, -1)) + RISING) return undefined;
  return `mAP was highest at the last evaluation (epoch ${evaluations.at(-1)!.epoch}): longer training may bring more.`;
}
