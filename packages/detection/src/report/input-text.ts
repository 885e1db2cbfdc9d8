import type { InputOptions } from "@singleshot/vision";

/** `320 × 240 px` */
export function inputText(input: InputOptions): string {
  if (input.resize === "sides") return `short side ${input.shortSides.at(-1)} px`;
  return `${input.width} × ${input.height} px${input.resize === "letterbox" ? ", aspect ratio kept" : ""}`;
}
