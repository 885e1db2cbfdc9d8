import type { Stream } from "../terminal/index.js";

/** A stream that keeps what is written, as a terminal of a width or, without one, as a pipe. */
export function screen(columns?: number): Stream & { text(): string } {
  let text = "";
  return {
    write: (more) => {
      text += more;
    },
    ...(columns !== undefined && { isTTY: true, columns }),
    text: () => text,
  };
}
