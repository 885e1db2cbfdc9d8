import { constants } from "node:os";
import { EXIT } from "../exit-codes.js";
import { count } from "../terminal/index.js";

/** How a process of a group has ended. */
export interface End {
  rank: number;
  pid: number;
  host: string;
  code: number | null;
  signal: NodeJS.Signals | null;
  /** it stopped because it was asked to */
  interrupted: boolean;
  /** milliseconds of this process's clock */
  at: number;
  /** the message it ended with */
  said: string | undefined;
  /** that it lost another process, which is the cause */
  lost: boolean;
}

export const isFailure = ({ code, interrupted }: End): boolean => code !== EXIT.done && !interrupted;

/** Who lost a neighbour may be heard of sooner than the neighbour. */
export const theFirst = (failures: readonly End[]): End =>
  [...failures].sort((a, b) => Number(a.lost) - Number(b.lost) || Number(a.signal === null) - Number(b.signal === null) || a.at - b.at)[0]!;

/** As a shell has it for what a signal ended. */
export const exitCodeOf = ({ code, signal }: End): number => code ?? 128 + constants.signals[signal!];

/**
 * What is to be said of a group that failed. Rank 0 has said itself what it ended with; what others failed with is said once, and of who
 * lost a neighbour nothing where the neighbour is known. Where all have lost one, and others of the group run elsewhere, the cause is there.
 *
 *     rank 1 on node-a (process 4711) was killed by SIGKILL, and the other process was stopped. ...
 *
 * @param isPart whether others of the group run on other machines
 */
export function failureText(first: End, all: readonly End[], { isPart = false } = {}): string {
  const failed = all.filter(({ interrupted }) => !interrupted);
  const others = failed.filter(({ rank, lost }) => rank !== 0 && lost === first.lost);
  const known = new Set(all.filter(({ rank }) => rank === 0).map(({ said }) => said));
  const messages = others.flatMap(({ rank, said }) => {
    if (said === undefined || known.has(said)) return [];
    known.add(said);
    return said.split("\n").map((line) => `[${rank}] ${line}`);
  });
  const isSaid = first.code === EXIT.input && failed.every(({ said, lost }) => lost || said === undefined || said === first.said);
  return [...messages, ...(isSaid ? [] : [first.lost && isPart ? consequence(first) : sentence(first, all.length - 1)])]
    .map((line) => `${line}\n`)
    .join("");
}

function consequence({ rank, host, pid }: End): string {
  const what = "A process of another machine was lost, or has not come: the launcher there says why.";
  return `${what} Here rank ${rank} on ${host} (process ${pid}) noticed first, and all were stopped.${GOES_ON}`;
}

const GOES_ON = " A training run goes on from its last checkpoint with --resume.";

function sentence({ rank, host, pid, code, signal }: End, others: number): string {
  const how = signal === null ? `failed with exit code ${code}` : `was killed by ${signal}`;
  const rest =
    others === 0
      ? ""
      : others === 1
        ? ", and the other process was stopped"
        : `, and the other ${count(others, "process", "processes")} were stopped`;
  const next = code === EXIT.input ? "" : GOES_ON;
  return `rank ${rank} on ${host} (process ${pid}) ${how}${rest}.${next}`;
}
