import { noGrad, ops, recordTape, scope, type Tape, type Tensor } from "@singleshot/torch";
import type { Size } from "@singleshot/vision";
import { boxCoder } from "../../boxes/index.js";
import { type Detector, scoresAndBoxes } from "../../detectors/index.js";

/** What a detector computes, as three tapes, so that graphs can begin and end where they want to. */
export interface DetectorTapes {
  /** Bytes [N, 3, H, W] → what the network wants. */
  normalize: Tape;
  /** → logits [N, A, C], deltas [N, A, 4], and the feature maps, finest first. */
  network: Tape;
  /** Logits, deltas, anchors as corners [A, 4] and as centres [A, 4] → scores [N, A, C], boxes [N, A, 4]. */
  decode: Tape;
  /** For the recorded input, both forms [A, 4]; the detector's own. */
  anchors: { xyxy: Tensor; cxcywh: Tensor };
  /** Anchors of each level of the recorded input. */
  levels: number[];
  /** The input that was recorded. */
  input: Size;
}

/** The size that pictures have in the network; where they may have many, a small one. */
export function recordedSize({ input }: Detector): Size {
  const { resize } = input;
  return resize === "sides" ? { width: 8 * input.multiple, height: 6 * input.multiple } : { width: input.width, height: input.height };
}

/** Lets a detector in evaluation mode look at a black picture and writes down how. */
export function recordDetector(detector: Detector): DetectorTapes {
  const input = recordedSize(detector);
  return noGrad(() =>
    scope(() => {
      const bytes = ops.zeros([1, 3, input.height, input.width], { dtype: "uint8" }).contiguous({ memoryFormat: "channelsLast" });
      const images = detector.normalize(bytes);
      const raw = detector.forward(images);
      const { logits, deltas, anchors, levels } = raw;
      const seen = [logits, deltas, anchors.xyxy, anchors.cxcywh];
      return {
        normalize: recordTape([bytes], () => [detector.normalize(bytes)]),
        network: recordTape([images], () => answersAndMaps(detector, images)),
        decode: recordTape(seen, () => Object.values(scoresAndBoxes(raw, detector.options, boxCoder(detector.options.coder)))),
        anchors,
        levels,
        input,
      };
    }),
  );
}

function answersAndMaps({ network }: Detector, images: Tensor): Tensor[] {
  const maps = network.features(images);
  const { logits, deltas } = network.answer(maps);
  return [logits, deltas, ...maps];
}
