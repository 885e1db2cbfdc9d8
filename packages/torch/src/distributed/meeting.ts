import { connect } from "node:net";
import { addressForOthers, masterSeenFromHere, ownAddress } from "./address.js";
import { failed, type GroupFailure, named } from "./failure.js";
import { askUntil, type Patience, within } from "./patience.js";
import { notServed, Store } from "./store.js";
import type { World } from "./world.js";

/** Where the processes of a world have met. */
export interface Meeting {
  store: Store;
  /** at which the others reach this process */
  address: string;
}

const KNOCK_MS = 5000; // for a host that does not answer at all
const WAITS_LONGER = "--join-timeout SEC waits longer";

/**
 * The store of a world, when all of its ranks have come to it.
 *
 * @throws InputError where rank 0 cannot serve it, or an address or a name is wrong
 * @throws GroupFailure where somebody does not come, saying who
 * @throws AbortError when the signal says so
 */
export async function meet(world: World, patience: Patience): Promise<Meeting> {
  if (world.rank > 0) await waitForStore(world, patience);
  else await requirePort(world.masterPort, patience);
  const store = await openStore(world, patience);
  const towardsMaster = await ownAddress(world);
  await store.set(cameAs(world.rank), await masterSeenFromHere(world));
  if ((await store.add("came", 1, patience).catch(unlessStopped)) === undefined) throw noStore(world);
  await waitForAll(store, world, patience);
  return { store, address: await addressForOthers(towardsMaster, (rank) => store.get(cameAs(rank)), world) };
}

const cameAs = (rank: number) => `came/${rank}`;

async function openStore(world: World, patience: Patience): Promise<Store> {
  const opening = Store.open(world, patience.limitMs).catch((error) => {
    if (world.rank === 0) throw error;
  });
  const store = await within(opening, patience);
  if (store) return store;
  throw noStore(world);
}

function noStore(world: World): GroupFailure {
  const what = `no store of rank 0 answers at ${world.masterAddress}:${world.masterPort}`;
  const fix =
    "see what rank 0 says last; if another program has the port, name another, the same for all processes: --master-port, MASTER_PORT";
  return failed(world, what, fix);
}

function unlessStopped(error: Error): undefined {
  if (error.name === "AbortError") throw error;
}

/**
 * Before libtorch tries, which writes a log of its own where it fails. Asked as a client: who listened for a moment would be taken for the
 * store by a rank that comes just then.
 */
async function requirePort(masterPort: number, patience: Patience): Promise<void> {
  if ((await knock({ masterAddress: "127.0.0.1", masterPort }, patience)) === undefined) throw notServed(masterPort, IN_USE);
}

const IN_USE = "address already in use";

/** Before libtorch tries: it cannot be stopped, and does not say why it fails. */
async function waitForStore(world: World, patience: Patience): Promise<void> {
  let reason = "no answer";
  const isServed = await askUntil(async () => {
    const said = await knock(world, patience);
    if (said === undefined) return true;
    reason = said;
    return undefined;
  }, patience);
  if (isServed) return;
  const { masterAddress, masterPort } = world;
  const where = `${masterAddress}:${masterPort}`;
  throw failed(
    world,
    `rank 0 was not to be reached at ${where} within ${duration(patience.limitMs)} (${reason})`,
    `see what rank 0 says, and that this address leads to it (--master-addr, MASTER_ADDR); ${WAITS_LONGER}`,
  );
}

/** Why nobody listens there: a code of the system's; undefined where somebody does. */
function knock(
  { masterAddress: host, masterPort: port }: Pick<World, "masterAddress" | "masterPort">,
  { signal }: Patience,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: KNOCK_MS });
    const end = (reason?: string) => {
      signal?.removeEventListener("abort", stop);
      socket.destroy();
      resolve(reason);
    };
    const stop = () => end("stopped");
    signal?.addEventListener("abort", stop);
    socket.on("connect", () => end());
    socket.on("timeout", () => end("ETIMEDOUT"));
    socket.on("error", ({ code, message }: NodeJS.ErrnoException) => end(code ?? message));
  });
}

async function waitForAll(store: Store, world: World, patience: Patience): Promise<void> {
  const { size } = world;
  const pauseMs = 50 + size; // a thousand that ask cost the store a thousand answers a second
  const ask = async () => (((await store.add("came", 0, patience)) ?? 0) >= size ? true : undefined);
  const all = await askUntil(ask, patience, pauseMs).catch((error: Error) => {
    unlessStopped(error);
    throw failed(world, "rank 0 has ended before all processes had come", "see what rank 0 says last");
  });
  if (all) return;
  const missing = await missingRanks(store, size);
  const limit = duration(patience.limitMs);
  throw failed(
    world,
    `${size - missing.length} of ${size} processes have come within ${limit}; missing: ${listed(missing)}`,
    `see what each of them says, or whether it was started; ${WAITS_LONGER}`,
  );
}

async function missingRanks(store: Store, size: number): Promise<number[]> {
  const missing = [];
  for (let rank = 0; rank < size; rank++) if (!(await store.has(cameAs(rank)))) missing.push(rank);
  return missing;
}

const SHOWN = 8;

/** `ranks 2, 3`, and how many more. */
function listed(ranks: readonly number[]): string {
  const shown = ranks.slice(0, SHOWN).join(", ");
  const more = ranks.length > SHOWN ? ` and ${ranks.length - SHOWN} more` : "";
  return `rank${ranks.length > 1 ? "s" : ""} ${shown}${more}`;
}

/** `10 minutes`, `30 seconds`. */
function duration(ms: number): string {
  const [value, unit] = ms % 60_000 === 0 ? [ms / 60_000, "minute"] : [ms / 1000, "second"];
  return `${value} ${unit}${value === 1 ? "" : "s"}`;
}

/**
 * Connections between all, once all are there.
 * @throws GroupFailure where they do not come about
 */
export async function connected<T>(world: World, address: string, opening: Promise<T>, patience: Patience): Promise<T> {
  const what = `connecting with the other ranks (this one is reached at ${address})`;
  const group = await within(named(world, what, opening), patience);
  if (group !== undefined) return group;
  throw failed(
    world,
    `all ${world.size} processes have come, but no connections between all of them within ${duration(patience.limitMs)} (this one is reached at ${address})`,
    "see that each reaches the others at any port, and name the network that connects them: GLOO_SOCKET_IFNAME=eth0",
  );
}
