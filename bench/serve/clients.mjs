import { Agent, request } from "node:http";

/** So many clients post pictures for a while, each the next when it has its answer. */
export async function clients(url, pictures, count, seconds) {
  const agent = new Agent({ keepAlive: true, maxSockets: count });
  const end = performance.now() + 1000 * seconds;
  const times = [];
  let refused = 0;
  const client = async (_, number) => {
    for (let i = number; performance.now() < end; i++) {
      const start = performance.now();
      if ((await post(`${url}detect`, pictures[i % pictures.length], agent)) === 200) times.push(performance.now() - start);
      else refused++;
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: count }, client));
  const perSecond = (1000 * times.length) / (performance.now() - start);
  agent.destroy();
  times.sort((a, b) => a - b);
  return { perSecond, medianMs: times[times.length >> 1], p99Ms: times[Math.floor(0.99 * (times.length - 1))], refused };
}

function post(url, body, agent) {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: "POST", agent, headers: { "Content-Length": body.length } }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode));
    });
    sending.on("error", reject).end(body);
  });
}
