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
  for (const detection of [...detections].reverse()) drawBox(context, detection, scale);
}

function drawBox(
  context: CanvasRenderingContext2D,
  { label, labelId, score, box: [x1, y1, x2, y2] }: DetectionRecord,
  scale: number,
): void {
  const color = colorOfClass(labelId);
  context.strokeStyle = color;
  context.lineWidth = LINE * scale;
  context.strokeRect(x1!, y1!, x2! - x1!, y2! - y1!);
  const text = `${label} ${score.toFixed(2)}`;
  const size = LETTERS * scale;
  context.font = `600 ${size}px system-ui, sans-serif`;
  const width = context.measureText(text).width + size * 0.6;
  const left = Math.max(0, Math.min(x1!, context.canvas.width - width));
  const top = y1! >= size * 1.3 ? y1! - size * 1.3 : y1!;
  context.fillStyle = color;
  context.fillRect(left - context.lineWidth / 2, top, width, size * 1.3);
  context.fillStyle = textColorOn(color);
  context.fillText(text, left + size * 0.3, top + size);
}
