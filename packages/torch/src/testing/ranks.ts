import { createServer } from "node:net";
import type { World } from "../distributed/index.js";
import { type Child, runChild } from "./child.js";

/** A port that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface RankOptions {
  timeoutMs?: number;
  env?: Readonly<Record<string, string>>;
}

/**
 * Runs a module in so many processes of one world on this machine; each finds its own in `world`.
 * @param source prints what the test looks at, as JSON
 */
export async function runWorld(size: number, source: string, { env = {} }: RankOptions = {}): Promise<Child[]> {
  const port = await freePort();
  const worldOf = (rank: number): World => ({
    ...{ rank, size, localRank: rank, localSize: size, masterAddress: "127.0.0.1", masterPort: port },
    launcher: "a test",
  });
  const prelude = (rank: number) => `const world = ${JSON.stringify(worldOf(rank))};\n`;
  const ranks = Array.from({ length: size }, (_, rank) => runChild(prelude(rank) + source, { env: { OMP_NUM_THREADS: "1", ...env } }));
  return Promise.all(ranks);
}

/** The same with the group of all ranks, joined already, in `group`. */
export function runRanks(size: number, source: string, { timeoutMs = 20_000, env = {} }: RankOptions = {}): Promise<Child[]> {
  const join = `const group = await torch.distributed.ProcessGroup.join(world, { timeoutMs: ${timeoutMs}, joinMs: 20_000 });\n`;
  return runWorld(size, join + source, { env });
}

/** What each rank has printed as JSON. @throws Error where one has failed, with what each has said */
export function printed<T>(children: readonly Child[]): T[] {
  if (children.some(({ code }) => code !== 0))
    throw new Error(children.map(({ code, signal, stderr }, rank) => `rank ${rank} ended with ${code ?? signal}: ${stderr}`).join("\n"));
  return children.map(({ stdout }) => JSON.parse(stdout) as T);
}
