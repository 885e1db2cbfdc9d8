import { describe, expect, test } from "vitest";
import { addressForOthers, type Interfaces, ownAddress } from "./address.js";

const interfaces: Interfaces = {
  lo: [{ address: "127.0.0.1", internal: true }],
  docker0: [{ address: "172.17.0.1", internal: false }],
  eth0: [{ address: "10.0.0.5", internal: false }],
  ib0: [{ address: "192.168.9.5", internal: false }],
};
const master = { masterAddress: "127.0.0.1", masterPort: 29500 };

describe("the own address", () => {
  test("is that of the first network of GLOO_SOCKET_IFNAME that there is", async () => {
    const found = (GLOO_SOCKET_IFNAME: string) => ownAddress(master, { GLOO_SOCKET_IFNAME }, interfaces);
    expect(await found("ib0")).toBe("192.168.9.5");
    expect(await found("eth1, eth0,ib0")).toBe("10.0.0.5");
    await expect(found("eth1,eth2")).rejects.toThrow(
      "GLOO_SOCKET_IFNAME: no network interface 'eth1,eth2' with an address. Name one of lo, docker0, eth0, ib0.",
    );
  });

  test("is the one by which the way leads to the master", async () => {
    expect(await ownAddress(master, {}, interfaces)).toBe("127.0.0.1");
  });

  test("is not there for a master whose name leads nowhere", async () => {
    await expect(ownAddress({ masterAddress: "no.such.host.invalid", masterPort: 1 }, {})).rejects.toThrow(
      "MASTER_ADDR: the master's name 'no.such.host.invalid' leads nowhere. Name the host that rank 0 runs on.",
    );
  });
});

describe("the address for others, of", () => {
  const found = (own: string, ...seen: string[]) =>
    addressForOthers(own, async (rank) => seen[rank]!, { size: seen.length, masterAddress: "node-a" }, interfaces);

  test("a host that is not the master's is its own", async () => {
    expect(await found("10.0.0.6", "127.0.1.1", "10.0.0.5")).toBe("10.0.0.6");
  });

  test("the master's host, whose name means itself there, is what the others know it by", async () => {
    expect(await found("127.0.0.1", "127.0.1.1", "127.0.1.1", "10.0.0.5", "10.0.0.5")).toBe("10.0.0.5");
  });

  test("one host with all processes is itself", async () => {
    expect(await found("127.0.0.1", "127.0.0.1", "127.0.0.1")).toBe("127.0.0.1");
  });

  test("the master's host behind another's address has to be named", async () => {
    await expect(found("127.0.0.1", "127.0.1.1", "203.0.113.7")).rejects.toThrow(
      "MASTER_ADDR: to the other hosts the master is 203.0.113.7, which is no address of this one, where node-a is itself. Name the network that connects them: GLOO_SOCKET_IFNAME, one of docker0, eth0, ib0.",
    );
  });
});
