import { connect } from "node:net";

/** What is written onto a connection, in pieces; `null` ends our side, `"reset"` breaks it off. */
export type Piece = string | Uint8Array | null | "reset";

const PATIENCE_MS = 20_000;

/** Writes bytes as they are and gives what comes back until the other side closes. @throws where it does not within twenty seconds */
export function sendRaw(port: number, pieces: readonly Piece[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => {
      for (const piece of pieces) {
        if (piece === null) socket.end();
        else if (piece === "reset") setTimeout(() => socket.resetAndDestroy(), 20);
        else socket.write(piece);
      }
    });
    socket.setEncoding("latin1");
    socket.setTimeout(PATIENCE_MS, () => {
      socket.destroy();
      reject(new Error(`no end of the answer: ${answer.slice(0, 200)}`));
    });
    socket.on("data", (text: string) => {
      answer += text;
    });
    socket.on("error", () => {}); // broken off: "close" follows
    socket.on("close", () => resolve(answer));
  });
}

const DRIP_MS = 200;

/** Sends a body byte by byte, as slowly as is allowed and longer; begins anew when it is cut off. */
export async function dribble(port: number, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const socket = connect(port, "127.0.0.1");
    let isOpen = true;
    socket.on("error", () => {});
    socket.on("close", () => {
      isOpen = false;
    });
    socket.write("POST /detect HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
    while (isOpen && !isOver()) {
      socket.write("x");
      await new Promise((resolve) => setTimeout(resolve, DRIP_MS));
    }
    socket.destroy();
  }
}
