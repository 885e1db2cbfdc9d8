import { Agent, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

/** What became of a request; 0: no answer. */
interface Outcome {
  status: number;
  ms: number;
  body: string;
}

export interface Traffic {
  outcomes: Outcome[];
  count(status: number): number;
  /** Of the answered ones: the time within which this share of them was answered. */
  quantileMs(share: number): number;
}

/**
 * Posts a picture over and over on so many connections at once.
 *
 * @param goesOn asked before every request
 */
export async function traffic(url: string, picture: Uint8Array, connections: number, goesOn: (sent: number) => boolean): Promise<Traffic> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const outcomes: Outcome[] = [];
  let sent = 0;
  const client = async () => {
    while (goesOn(sent)) {
      sent++;
      outcomes.push(await post(new URL("detect?score=0", url), picture, agent));
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  agent.destroy();
  return {
    outcomes,
    count: (status) => outcomes.filter((one) => one.status === status).length,
    quantileMs: (share) => {
      const times = outcomes.filter(({ status }) => status === 200).map(({ ms }) => ms);
      return times.sort((a, b) => a - b)[Math.floor(share * (times.length - 1))] ?? Number.NaN;
    },
  };
}

function post(url: URL, body: Uint8Array, agent: Agent): Promise<Outcome> {
  const start = performance.now();
  return new Promise((resolve) => {
    const done = (status: number, answer: string) => resolve({ status, ms: performance.now() - start, body: answer });
    const sending = request(url, { method: "POST", agent, headers: { "Content-Length": body.length } }, (response: IncomingMessage) => {
      text(response).then(
        (answer) => done(response.statusCode!, answer),
        (error: Error) => done(0, error.message),
      );
    });
    sending.on("error", (error) => done(0, error.message));
    sending.end(body);
  });
}
