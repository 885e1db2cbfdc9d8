import { NO_CLASS as N_A } from "@singleshot/vision";

/**
 * The classes of detectors that torchvision has published: their labels are COCO's category ids, so label 1 is `person`, label 90
 * `toothbrush`, and ten of them name nothing.
 */
export const COCO_NAMES: readonly string[] = [
  ...["person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light", "fire hydrant", N_A],
  ...["stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", N_A],
  ...["backpack", "umbrella", N_A, N_A, "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite"],
  ...["baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle", N_A, "wine glass", "cup", "fork", "knife"],
  ...["spoon", "bowl", "banana", "apple", "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair"],
  ...["couch", "potted plant", "bed", N_A, "dining table", N_A, N_A, "toilet", N_A, "tv", "laptop", "mouse", "remote", "keyboard"],
  ...["cell phone", "microwave", "oven", "toaster", "sink", "refrigerator", N_A, "book", "clock", "vase", "scissors", "teddy bear"],
  ...["hair drier", "toothbrush"],
];

/** COCO's 80 classes, in the order of their category ids. */
export const COCO_CLASSES: readonly string[] = COCO_NAMES.filter((name) => name !== N_A);
