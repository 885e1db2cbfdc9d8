import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as NetServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createAdaptorServer } from "@hono/node-server";
import { InputError } from "@singleshot/vision";
import type { Hono } from "hono";
import { HEADERS_MS, type Limits } from "./limits.js";

export interface Listening {
  /** http://127.0.0.1:8080/ */
  url: string;
  /** Answers what has come, takes no more; at last closes what is still open. */
  stop(): Promise<void>;
}

export interface ListenOptions {
  host: string;
  /** 0: any that is free. */
  port: number;
  limits: Limits;
}

const QUIET = { rounds: 15, ms: 20 }; // so many looks at all connections, and nothing new
const DOOR_MS = 3_000; // clients that come again and again must not keep it open
const DRAIN_MS = 9_000; // ten seconds is what those who stop servers usually give
const KEEP_ALIVE_MS = 5_000;

interface Counts {
  /** Connections and requests. */
  arrived: number;
  unanswered: number;
}

/** @throws InputError where nobody can listen there */
export async function listen(app: Hono, { host, port, limits }: ListenOptions): Promise<Listening> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false, // the program around it keeps its own Request and Response
    serverOptions: {
      headersTimeout: HEADERS_MS,
      requestTimeout: HEADERS_MS + 1000 * limits.seconds,
      connectionsCheckingInterval: 1000,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
  }) as Server;
  server.maxConnections = limits.connections;
  const counts: Counts = { arrived: 0, unanswered: 0 };
  server.on("connection", () => counts.arrived++);
  server.on("request", (_request: IncomingMessage, response: ServerResponse) => {
    counts.arrived++;
    counts.unanswered++;
    response.once("close", () => counts.unanswered--);
  });
  await listening(server, host, port);
  return { url: urlOf(server, host), stop: () => stop(server, counts) };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", ({ code, message }: NodeJS.ErrnoException) => {
      const problem = PROBLEMS[code ?? ""] ?? message;
      reject(new InputError(`cannot listen on ${host}:${port}: ${problem}`, { fix: "name another with --host or --port" }));
    });
    server.listen(port, host, resolve);
  });
}

const PROBLEMS: Record<string, string> = {
  EADDRINUSE: "another program listens there",
  EACCES: "no permission",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "no such host",
};

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as { port: number };
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}/`;
}

/**
 * Connections may wait to be accepted, and requests to be read: the door stays open until all is quiet, or for a while. Every answer tells
 * its client that it is the connection's last. `server.close()` would close connections that are idle to it, among them those whose next
 * request is on the way; so the door alone is closed, and then the rest when all is quiet again.
 */
async function stop(server: Server, counts: Counts): Promise<void> {
  const start = performance.now();
  await quiet(counts, start + DOOR_MS);
  const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
  await Promise.race([closed, quiet(counts, start + DRAIN_MS)]);
  server.closeAllConnections();
  await closed;
}

/** Waits until nothing has come for a while and everything is answered; not longer than until `end`. */
async function quiet(counts: Counts, end: number): Promise<void> {
  let { arrived } = counts;
  for (let rounds = 0; rounds < QUIET.rounds && performance.now() < end; arrived = counts.arrived) {
    await sleep(QUIET.ms);
    rounds = counts.unanswered === 0 && counts.arrived === arrived ? rounds + 1 : 0;
  }
}
