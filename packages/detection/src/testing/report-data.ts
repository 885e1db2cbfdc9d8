import { type Dataset, type DatasetEntry, randomOf } from "@singleshot/vision";
import { checkAnchors, seenObjects } from "../anchors/index.js";
import { dataPart, evaluationPart, type MarkedPicture, type ReportData } from "../report/index.js";

const SIDE = 100; // pixels
const INPUT = { resize: "stretch", width: SIDE, height: SIDE } as const;

/** A data set of made-up boxes, a few in each picture, without any picture file. */
export function madeUpDataset(classes: readonly string[], { pictures = 6, split = "test" } = {}): Dataset {
  const draw = randomOf(1);
  const entries = Array.from({ length: pictures }, (_, i): DatasetEntry => {
    const boxes = Array.from({ length: i % 4 }, () => {
      const [x, y] = [60 * draw(), 60 * draw()];
      return [x, y, x + 10 + 30 * draw(), y + 10 + 30 * draw()];
    });
    const labels = Int32Array.from(boxes, () => 1 + Math.floor(classes.length * draw()));
    const place = { id: `picture-${i}`, imageFile: `picture-${i}.png`, source: `picture-${i}.xml`, width: SIDE, height: SIDE };
    return { ...place, boxes: Float32Array.from(boxes.flat()), labels, flags: new Uint8Array(labels.length) };
  });
  const counts = {
    images: { found: 0, ok: 0, background: 0, repaired: 0, rejected: 0 },
    boxes: { found: 0, ok: 0, repaired: 0, rejected: 0 },
  };
  return { name: "made-up", split, classes: [...classes], entries, problems: [], counts, details: [] };
}

/** What a middling detector finds of it: all objects, moved a little, under random scores, and something beside. */
export function madeUpDetections({ entries, classes }: Dataset) {
  const draw = randomOf(2);
  return entries.map(({ id, boxes, labels }) => ({
    image: id,
    boxes: Float32Array.from([...boxes, 1, 1, 21, 21]).map((side) => side + 8 * draw() - 4),
    labels: [...labels, 1 + Math.floor(classes.length * draw())],
    scores: [...labels, 0].map(() => draw()),
  }));
}

/** A whole report about them. */
export function madeUpReport({ classes = ["bolt", "nut"], name = "run" }: { classes?: readonly string[]; name?: string } = {}): ReportData {
  const dataset = madeUpDataset(classes);
  const { part } = evaluationPart(dataset, madeUpDetections(dataset), { protocol: "coco", weights: "best.pth" });
  const picture: MarkedPicture = {
    picture: { uri: "data:image/webp;base64,AAAA", width: 320, height: 240 },
    title: `${name} picture`,
    marks: (["right", "missed", "wrong", "truth", "sample"] as const).map((role) => ({
      box: [0.1, 0.2, 0.5, 0.9],
      role,
      label: 1,
      text: classes[0]!,
      note: "a note",
      tagged: role !== "right",
    })),
  };
  const anchors = Float32Array.of(0, 0, 30, 30, 40, 40, 90, 90);
  const check = checkAnchors(seenObjects(dataset, INPUT), () => [{ anchors }], { classes, thresholds: [0.5, 0.7] });
  const steps = Array.from({ length: 40 }, (_, i) => ({
    step: i + 1,
    epoch: 1 + Math.floor(i / 10),
    learningRate: 0.1 / (i + 1),
    losses: { loss: 3 / (i + 1), regression: 1 / (i + 1) },
  }));
  return {
    name,
    recipe: { name, description: `about ${name}`, text: JSON.stringify({ name }) },
    classes,
    input: "100 × 100 px",
    metrics: { steps, evaluations: [{ step: 40, epoch: 4, evaluation: part.metrics }] },
    evaluation: part,
    worst: (["missed", "false-alarm", "misplaced", "misnamed"] as const).map((kind) => ({ kind, pictures: [picture] })),
    samples: [picture],
    data: dataPart([dataset], INPUT),
    anchors: { check, split: "test", found: check.bySize.map(() => 0.5) },
    environment: [["system", name]],
  };
}
