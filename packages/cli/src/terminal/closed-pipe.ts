let whenClosed = () => process.exit(0);

/** A reader that has seen enough (`| head`) ends a command quietly. */
export function endOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE" && error.code !== "EIO") throw error; // EIO: the terminal was closed
      whenClosed();
    });
  }
}

/** A command that has something to save is told instead. */
export function onClosedPipe(action: () => void): void {
  whenClosed = action as () => never;
}
