import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { InputError } from "@singleshot/base";
import type { World } from "./world.js";

type Environment = Readonly<Record<string, string | undefined>>;
/** As `os.networkInterfaces()` has them. */
export type Interfaces = Readonly<Record<string, readonly { address: string; internal: boolean }[] | undefined>>;

/**
 * The address of this process: of the first network interface of GLOO_SOCKET_IFNAME that there is, else the one by which the way leads to
 * the master.
 *
 * @throws InputError where there is none
 */
export async function ownAddress(
  { masterAddress, masterPort }: Pick<World, "masterAddress" | "masterPort">,
  env: Environment = process.env,
  interfaces: Interfaces = networkInterfaces(),
): Promise<string> {
  const { GLOO_SOCKET_IFNAME: named } = env;
  return named ? addressOf(named, interfaces) : addressTowards(masterAddress, masterPort);
}

function addressOf(names: string, interfaces: Interfaces): string {
  const [found] = names.split(",").flatMap((name) => interfaces[name.trim()]?.[0]?.address ?? []);
  if (found) return found;
  const known = Object.keys(interfaces).join(", ");
  throw new InputError(`no network interface '${names}' with an address`, { file: "GLOO_SOCKET_IFNAME", fix: `name one of ${known}` });
}

/** No packet is sent: the system is only asked for the way. */
async function addressTowards(host: string, port: number): Promise<string> {
  const address = await resolved(host);
  const socket = createSocket(isIP(address) === 6 ? "udp6" : "udp4");
  try {
    socket.connect(port, address);
    await once(socket, "connect");
    return socket.address().address;
  } catch (error) {
    throw new InputError(`no way leads to the master, ${host} (${(error as Error).message})`, { file: "MASTER_ADDR" });
  } finally {
    socket.close();
  }
}

async function resolved(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch {
    throw new InputError(`the master's name '${host}' leads nowhere`, { file: "MASTER_ADDR", fix: "name the host that rank 0 runs on" });
  }
}

/** What the master's name means on this host. */
export const masterSeenFromHere = ({ masterAddress }: Pick<World, "masterAddress">): Promise<string> => resolved(masterAddress);

/**
 * The address at which the other ranks reach this one. On the master's own host its name often means the host itself (Debian writes
 * `127.0.1.1 node-a` into /etc/hosts); then what counts is what it means to the others.
 *
 * @param seen what the master's name means to a rank
 * @throws InputError where that is no address of this host
 */
export async function addressForOthers(
  own: string,
  seen: (rank: number) => Promise<string>,
  { size, masterAddress }: Pick<World, "size" | "masterAddress">,
  interfaces: Interfaces = networkInterfaces(),
): Promise<string> {
  if (!isLoopback(own)) return own;
  for (let rank = 0; rank < size; rank++) {
    const address = await seen(rank);
    if (!isLoopback(address)) return requireOwn(address, interfaces, masterAddress);
  }
  return own; // all are on this host
}

const isLoopback = (address: string): boolean => /^(127\.|::1$|::ffff:127\.)/.test(address);

function requireOwn(address: string, interfaces: Interfaces, master: string): string {
  const all = Object.entries(interfaces).flatMap(([name, some]) => some?.map((one) => ({ ...one, name })) ?? []);
  if (all.some((one) => one.address === address)) return address;
  const known = [...new Set(all.filter(({ internal }) => !internal).map(({ name }) => name))].join(", ");
  throw new InputError(`to the other hosts the master is ${address}, which is no address of this one, where ${master} is itself`, {
    file: "MASTER_ADDR",
    fix: `name the network that connects them: GLOO_SOCKET_IFNAME, one of ${known}`,
  });
}
