import {
  type Dataset,
  type DatasetEntry,
  findMistakes,
  type MatchedPicture,
  type Mistake,
  type MistakeKind,
  NONE,
  type WorstPicture,
  worstPictures,
} from "@singleshot/vision";
import { decodePicture, embedPicture } from "@singleshot/vision/node";
import type { Mark, MarkedPicture, WorstGroup } from "./data.js";

const GROUPS: { kind: WorstGroup["kind"]; mistakes: MistakeKind[] }[] = [
  { kind: "missed", mistakes: ["missed"] },
  { kind: "false-alarm", mistakes: ["background", "duplicate"] },
  { kind: "misplaced", mistakes: ["localization", "both"] },
  { kind: "misnamed", mistakes: ["classification"] },
];

const MOST = 3; // pictures a group
const MAX_SIDE_PX = 640;

/** The worst pictures of each kind, with what is wrong in them. A picture that cannot be read any more is left out. */
export async function worstGroups(dataset: Dataset, matched: readonly MatchedPicture[], score: number): Promise<WorstGroup[]> {
  const mistakes = findMistakes(matched, { minScore: score });
  return Promise.all(
    GROUPS.map(async ({ kind, mistakes: kinds }) => {
      const worst = worstPictures(mistakes, kinds, MOST);
      const pictures = await Promise.all(worst.map((one) => marked(dataset, matched, one, score)));
      return { kind, pictures: pictures.filter((one) => one !== undefined) };
    }),
  );
}

async function marked(
  dataset: Dataset,
  matched: readonly MatchedPicture[],
  { picture, mistakes }: WorstPicture,
  score: number,
): Promise<MarkedPicture | undefined> {
  const entry = dataset.entries[picture]!;
  const image = await decodePicture(entry.imageFile).catch(() => undefined);
  if (!image) return undefined;
  const place = { entry, matched: matched[picture]!, classes: dataset.classes };
  const marks = [...rightMarks(place, score), ...mistakes.flatMap((mistake) => mistakeMarks(place, mistake))];
  return { picture: await embedPicture(image, { maxSidePx: MAX_SIDE_PX }), title: entry.id, marks };
}

interface Place {
  entry: DatasetEntry;
  matched: MatchedPicture;
  classes: readonly string[];
}

/** Thin, so that one sees what was well done. */
function rightMarks(place: Place, score: number): Mark[] {
  const { found, objectOf } = place.matched;
  const right = [...objectOf.keys()].filter((d) => objectOf[d] !== NONE && found.scores[d]! >= score);
  return right.map((d) => ({ ...detectionMark(place, d), role: "right", tagged: false }));
}

function mistakeMarks(place: Place, { kind, object, detection, iou }: Mistake): Mark[] {
  if (kind === "missed") return [objectMark(place, object, "missed")];
  const answer = detectionMark(place, detection);
  const notes: Record<Exclude<MistakeKind, "missed">, string> = {
    background: "nothing of the kind is here",
    duplicate: "found already",
    localization: `overlaps its object by ${iou.toFixed(2)}`,
    both: `overlaps an object of another class by ${iou.toFixed(2)}`,
    classification: "in truth another class",
  };
  const truth = object !== NONE && kind !== "duplicate" ? [objectMark(place, object, "truth")] : [];
  return [...truth, { ...answer, note: notes[kind] }];
}

function detectionMark({ entry, matched, classes }: Place, detection: number): Mark {
  const { boxes, labels, scores } = matched.found;
  const label = labels[detection]!;
  const text = `${classes[label - 1]} ${scores[detection]!.toFixed(2)}`;
  return { box: shares(boxes, detection, entry), role: "wrong", label, text, tagged: true };
}

function objectMark({ entry, matched, classes }: Place, object: number, role: "missed" | "truth"): Mark {
  const { boxes, labels } = matched.truth;
  const label = labels[object]!;
  return { box: shares(boxes, object, entry), role, label, text: classes[label - 1]!, tagged: true };
}

/** A box as shares of its picture. */
export function shares(boxes: ArrayLike<number>, i: number, { width, height }: { width: number; height: number }): Mark["box"] {
  return [boxes[4 * i]! / width, boxes[4 * i + 1]! / height, boxes[4 * i + 2]! / width, boxes[4 * i + 3]! / height];
}
