import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type EncodedPicture, pictureEvent, scalarsEvent, startEvent, textEvent, versionEvent } from "./events.js";
import { type HyperParameter, sessionEndEvent, sessionStartEvent } from "./hyper-parameters.js";

/** A number by its name; null where there is none, which draws nothing. */
export type ScalarRow = readonly [tag: string, value: number | null | undefined];

/** An event file of TensorBoard that grows with a run. */
export interface EventLog {
  scalars(step: number, rows: Iterable<ScalarRow>): void;
  picture(step: number, tag: string, picture: EncodedPicture): void;
  /** Markdown. */
  text(step: number, tag: string, text: string): void;
  hyperParameters(parameters: ReadonlyMap<string, HyperParameter>): void;
  /** How the run ended, for the table of hyper-parameters. */
  end(step: number, status: "success" | "failure"): void;
}

export interface EventLogOptions {
  /** The first step that is going to be written: TensorBoard forgets what older files of the folder have from it on. */
  from: number;
  now?: () => number;
}

/** Begins a new event file in a folder, which is made where it is missing. */
export function openEventLog(folder: string, { from, now = Date.now }: EventLogOptions): EventLog {
  const file = join(folder, `events.out.tfevents.${Math.floor(now() / 1000)}.singleshot.${process.pid}`);
  const at = (step: number) => ({ wallTime: now() / 1000, step });
  const write = (...events: Uint8Array[]) => appendFileSync(file, Buffer.concat(events));
  mkdirSync(folder, { recursive: true });
  write(versionEvent(at(0)), startEvent(at(from)));
  return {
    scalars(step, rows) {
      const known = [...rows].flatMap(([tag, value]): [string, number][] => (typeof value === "number" ? [[tag, value]] : []));
      if (known.length > 0) write(scalarsEvent(at(step), new Map(known)));
    },
    picture: (step, tag, picture) => write(pictureEvent(at(step), tag, picture)),
    text: (step, tag, text) => write(textEvent(at(step), tag, text)),
    hyperParameters: (parameters) => write(sessionStartEvent(at(from), parameters)),
    end: (step, status) => write(sessionEndEvent(at(step), status)),
  };
}
