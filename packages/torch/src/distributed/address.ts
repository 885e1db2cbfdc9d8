import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { InputError } from "../errors.js";
import type { World } from "./world.js";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The address at which the other ranks reach this one: of the network interface that GLOO_SOCKET_IFNAME names, else the one by which the
 * way leads to the master.
 *
 * @throws InputError where there is none
 */
export async function ownAddress(
  { masterAddress, masterPort, size, localSize }: Pick<World, "masterAddress" | "masterPort" | "size" | "localSize">,
  env: Environment = process.env,
): Promise<string> {
  const { GLOO_SOCKET_IFNAME: named } = env;
  if (named) return addressOf(named);
  const address = await addressTowards(masterAddress, masterPort);
  const others = Object.values(networkInterfaces()).flatMap((interfaces) => interfaces ?? []);
  const isLoopback = others.some((one) => one.internal && one.address === address);
  if (!isLoopback || size === localSize) return address;
  return others.find(({ internal, family }) => !internal && family === "IPv4")?.address ?? address; // the master, told of itself as localhost
}

function addressOf(name: string): string {
  const interfaces = networkInterfaces();
  const found = interfaces[name]?.[0]?.address;
  if (found) return found;
  const known = Object.keys(interfaces).join(", ");
  throw new InputError(`no network interface '${name}' with an address`, { file: "GLOO_SOCKET_IFNAME", fix: `name one of ${known}` });
}

/** No packet is sent: the system is only asked for the way. */
async function addressTowards(host: string, port: number): Promise<string> {
  const { address } = await lookup(host).catch(() => {
    throw new InputError(`the master's name '${host}' leads nowhere`, { file: "MASTER_ADDR", fix: "name the host that rank 0 runs on" });
  });
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
