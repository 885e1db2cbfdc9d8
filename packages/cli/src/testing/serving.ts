import { type Started, start } from "./command.js";

/** Starts `singleshot serve` on a port that is free, and waits until it serves. @throws with what it says where it does not */
export async function serving(args: readonly string[], { cwd }: { cwd: string }): Promise<{ server: Started; url: string }> {
  const server = start(["serve", ...args, "--port", "0"], { cwd });
  const url = await new Promise<string>((resolve, reject) => {
    let said = "";
    server.child.stdout.on("data", (bytes: Buffer) => {
      said += bytes;
      const found = /Serving on (\S+)/.exec(said);
      if (found) resolve(found[1]!);
    });
    server.ended.then(({ stderr }) => reject(new Error(stderr)));
  });
  return { server, url };
}
