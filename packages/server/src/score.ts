import { Refusal } from "./refusal.js";

/** The score below which a request wants nothing. @throws Refusal 400 */
export function scoreOf(text: string | undefined, standard: number): number {
  if (text === undefined) return standard;
  const score = Number(text);
  if (text.trim() !== "" && score >= 0 && score <= 1) return score;
  throw new Refusal(400, `score: ${text.slice(0, 40)} is not a number from 0 to 1`);
}
