import { type WorldFlags, worldOf } from "@singleshot/torch/world";
import { Option } from "commander";
import { wholeNumber } from "./values.js";

/** For whoever starts the processes of a training by hand; the last two for all who train in several. */
export const worldOptions = (): Option[] => [...byHand(), ...limits()];

const byHand = (): Option[] =>
  [
    new Option("--world-size <N>", "how many processes there are").argParser(wholeNumber("--world-size", { min: 1 })),
    new Option("--rank <N>", "which of them this is, from 0").argParser(wholeNumber("--rank", { min: 0 })),
    new Option("--master-addr <HOST>", "where rank 0 runs (default: all are on this machine)"),
    new Option("--master-port <N>", "where they meet there (default: 29500)").argParser(
      wholeNumber("--master-port", { min: 1, max: 65_535 }),
    ),
  ].map((option) => option.helpGroup("One of several processes, where neither `launch` nor another launcher says so:"));

const MOST_SECONDS = 7 * 24 * 3600;
const seconds = (flag: string) => wholeNumber(flag, { min: 1, max: MOST_SECONDS });

const limits = (): Option[] =>
  [
    new Option("--join-timeout <SEC>", "seconds until all must have come (default: 600)").argParser(seconds("--join-timeout")),
    new Option("--timeout <SEC>", "seconds that they wait for each other afterwards (default: 1800)").argParser(seconds("--timeout")),
  ].map((option) => option.helpGroup("Several processes, whoever starts them:"));

/** The processes that train together, as the flags or the launcher's environment say; undefined for a single one. @throws InputError */
export const readWorld = (flags: WorldFlags) => worldOf(process.env, flags);
