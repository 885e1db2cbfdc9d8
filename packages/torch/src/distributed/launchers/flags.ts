import { InputError } from "@singleshot/base";
import type { Told } from "./launcher.js";
import type { Said } from "./variables.js";

/** What a command line says in place of a launcher. */
export interface WorldFlags {
  worldSize?: number;
  rank?: number;
  masterAddr?: string;
  masterPort?: number;
  /** seconds to wait until all have come, whoever started them */
  joinTimeout?: number;
  /** seconds that they wait for each other afterwards */
  timeout?: number;
}

/**
 * All processes are on this host unless an address is named; then each is alone on its own.
 *
 * @throws InputError where one is missing
 */
export function toldByFlags({ worldSize, rank, masterAddr, masterPort }: WorldFlags): { told: Told; size: Said } | undefined {
  if (worldSize === undefined) {
    const given = { "--rank": rank, "--master-addr": masterAddr, "--master-port": masterPort };
    const [flag] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
    if (flag === undefined) return undefined;
    throw new InputError("it goes with --world-size", { file: flag, fix: "say how many processes there are, or leave it out" });
  }
  if (rank === undefined) throw new InputError("--rank is missing", { fix: "number the processes from 0: --world-size 2 --rank 0" });
  const size = { value: worldSize, by: "--world-size" };
  const ownRank = { value: rank, by: "--rank" };
  const alone = { localRank: { value: 0, by: "--rank" }, localSize: { value: 1, by: "--world-size" } };
  const told = {
    launcher: "flags",
    rank: ownRank,
    ...(masterAddr === undefined ? { localRank: ownRank, localSize: size } : alone),
    masterAddress: masterAddr ?? "127.0.0.1",
    masterPort: { value: masterPort ?? 29500, by: "--master-port" }, // torchrun's
  };
  return { told, size };
}
