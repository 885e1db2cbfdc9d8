import type { Team } from "./team.js";

/** Whether any of the processes was asked to stop: then all do. */
export async function isStopped(team: Team, signal: AbortSignal | undefined): Promise<boolean> {
  const said = await team.gather([signal?.aborted ? 1 : 0]);
  return said.some(([stop]) => stop === 1);
}

/** @throws the signal's reason, or AbortError where another process was asked to stop */
export async function requireNoStop(team: Team, signal: AbortSignal | undefined): Promise<void> {
  if (!(await isStopped(team, signal))) return;
  throw signal?.aborted ? signal.reason : new DOMException("another process was asked to stop", "AbortError");
}
