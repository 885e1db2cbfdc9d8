import { colorOfClass, type DetectionRecord, textColorOn } from "@singleshot/vision";

const LINE = 2.5; // of what is seen, whatever the picture's own size
const LETTERS = 14;

/** A picture and boxes over it, on a canvas as large as the picture. */
export function draw(
  canvas: HTMLCanvasElement,
  picture: CanvasImageSource & { width: number; height: number },
  detections: readonly DetectionRecord[],
): void {
  const { width, height } = picture;
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d")!;
  context.drawImage(picture, 0, 0);
  const scale = Math.max(1, width / (canvas.clientWidth || width));
  const weakestFirst = [...detections].reverse();
  for (const detection of weakestFirst) drawBox(context, detection, scale);
  for (const detection of weakestFirst) drawLabel(context, detection, scale);
}

function drawBox(context: CanvasRenderingContext2D, { labelId, box: [x1, y1, x2, y2] }: DetectionRecord, scale: number): void {
  context.strokeStyle = colorOfClass(labelId);
  context.lineWidth = LINE * scale;
  context.strokeRect(x1!, y1!, x2! - x1!, y2! - y1!);
}

/** Above its box, where there is room. */
function drawLabel(context: CanvasRenderingContext2D, { label, labelId, score, box: [x1, y1] }: DetectionRecord, scale: number): void {
  const size = LETTERS * scale;
  const text = `${label} ${score.toFixed(2)}`;
  context.font = `600 ${size}px system-ui, sans-serif`;
  const [width, height] = [context.measureText(text).width + 0.6 * size, 1.3 * size];
  const left = Math.max(0, Math.min(x1! - (LINE * scale) / 2, context.canvas.width - width));
  const top = y1! >= height ? y1! - height : y1!;
  context.fillStyle = colorOfClass(labelId);
  context.fillRect(left, top, width, height);
  context.fillStyle = textColorOn(colorOfClass(labelId));
  context.fillText(text, left + 0.3 * size, top + size);
}
