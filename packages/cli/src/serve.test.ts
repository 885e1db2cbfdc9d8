import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodePicture } from "@singleshot/vision/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  dribble,
  type MalformedRequest,
  malformedRequests,
  type Started,
  sendRaw,
  serving,
  singleshot,
  temporaryFolder,
  traffic,
  writeTinyModel,
} from "./testing/index.js";

/** Once each and a few seconds at every change; before a release `SERVE_SCALE=100`: each a hundred times, 200 clients for a minute. */
const SCALE = Number(process.env.SERVE_SCALE ?? 1);
const isFull = SCALE > 1;
const [CLIENTS, SECONDS, GOOD] = isFull ? [200, 60, 32] : [20, 4, 8];
const QUEUE = isFull ? 48 : 12; // room for the good ones beside the malformed, too little for all clients
const REQUESTS = isFull ? 100_000 : 600;
const TIMEOUT = 3; // seconds
/**
 * Behind so many rounds of malformed requests, and a crowd that stays for such a share of the measured one's time, memory is level: before,
 * allocators take what they need, and V8 lets garbage lie until its heap has found its size (50 to 140 MB, of which 15 are in use).
 */
const [WARM_ROUNDS, WARM_SHARE] = [20, isFull ? 1 : 1 / 4];

const cwd = temporaryFolder();
let picture: Uint8Array;
let server: Started;
let url: string;

const rss = async () => {
  const text = await (await fetch(`${url}metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)![1]) / 2 ** 20;
};
/** The resident memory when it has come so far back, or after ten seconds without. */
async function rssOnce(isBack: (megabytes: number) => boolean): Promise<number> {
  for (let tries = 0; tries < 20; tries++) {
    const megabytes = await rss();
    if (isBack(megabytes)) return megabytes;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return rss();
}
const portOf = () => Number(new URL(url).port);
const post = (query = "", body: Uint8Array = picture) => fetch(`${url}detect${query}`, { method: "POST", body: new Uint8Array(body) });

beforeAll(async () => {
  await writeTinyModel(join(cwd, "tiny.pth"));
  const noise = Uint8Array.from({ length: 3 * 64 * 48 }, (_, i) => (i * i * 31) % 251);
  picture = await encodePicture({ data: noise, width: 64, height: 48 }, ".png");
  writeFileSync(join(cwd, "picture.png"), picture);
  ({ server, url } = await serving(
    ["tiny.pth", "--engine", "libtorch", "--queue", String(QUEUE), "--timeout", String(TIMEOUT), "--score", "0.1"],
    { cwd },
  ));
}, 60_000);

afterAll(() => void server.child.kill("SIGKILL"));

describe("a served model", () => {
  test("says of a picture what `predict --json` says", async () => {
    const answer = await post("?score=0.2&file=picture.png");
    const predicted = await singleshot(["predict", "tiny.pth", "picture.png", "--score", "0.2", "--json"], { cwd });
    expect([answer.status, await answer.json()]).toEqual([200, { ...JSON.parse(predicted.stdout), model: "tiny.pth" }]);
    const { images } = (await (await post()).json()) as { images: { file: string; detections: { score: number }[] }[] };
    expect(images[0]!.file).toBe("picture");
    expect(images[0]!.detections.every(({ score }) => score >= 0.1)).toBe(true);
  });

  test("says what it is, how it is, and what can be asked", async () => {
    const get = async (path: string) => (await fetch(url + path)).json() as Promise<Record<string, unknown>>;
    expect(await get("health")).toEqual({ status: "ok", model: "tiny.pth", engine: "libtorch" });
    expect(await get("model")).toMatchObject({ recipe: "tiny", classes: ["bolt", "nut"], score: 0.1 });
    const { paths } = (await get("openapi.json")) as { paths: object };
    expect(Object.keys(paths)).toEqual(["/detect", "/health", "/model", "/metrics", "/model.onnx"]);
    const metrics = await (await fetch(`${url}metrics`)).text();
    expect(metrics).toMatch(/^singleshot_requests_total\{status="200"\} \d+$/m);
  });

  test("gives the page, isolated so that WebAssembly gets threads", async () => {
    const page = await fetch(url);
    expect(page.headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(page.headers.get("cross-origin-embedder-policy")).toBe("require-corp");
    expect(await page.text()).toContain('<script type="module" src="page.js">');
    for (const file of ["page.js", "page.css", "icon.svg", "ort/ort-wasm-simd-threaded.mjs", "ort/ort-wasm-simd-threaded.wasm"]) {
      const answer = await fetch(url + file);
      expect([file, answer.status, (await answer.arrayBuffer()).byteLength > 0]).toEqual([file, 200, true]);
    }
  });

  test("takes pictures of one row, one column, one pixel", async () => {
    for (const [width, height] of [
      [1, 1],
      [2000, 1],
      [1, 2000],
    ] as const) {
      const thin = await encodePicture({ data: new Uint8Array(3 * width * height), width, height }, ".png");
      expect((await post("", thin)).status).toBe(200);
    }
  });
});

describe("malformed requests", () => {
  test("are refused one by one, and good ones beside them are all answered", async () => {
    let isOver = false;
    const good = traffic(url, picture, GOOD, () => !isOver);
    const slow = Array.from({ length: GOOD }, () => dribble(portOf(), () => isOver));
    let before = Number.NaN;
    const wrong: string[] = [];
    for (let round = 0; round < SCALE; round++) {
      if (round === WARM_ROUNDS) before = await rss();
      for (const one of malformedRequests(picture)) wrong.push(...(await refusalProblems(one)));
    }
    isOver = true;
    const { count, outcomes, quantileMs } = await good;
    await Promise.all(slow);
    expect(wrong).toEqual([]);
    expect([outcomes.length > 0, count(200)]).toEqual([true, outcomes.length]);
    const after = await rss();
    report(`beside malformed requests ${outcomes.length} good ones, p99 ${quantileMs(0.99)} ms`, before, after);
    if (isFull) expect(after - before).toBeLessThan(50);
  });

  test("that never end are cut off", async () => {
    const headers = "POST /detect HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n";
    const answer = await sendRaw(portOf(), [headers, "x"]);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain(`the body did not arrive within ${TIMEOUT} s`);
  });
});

/** What a full run is made for. */
function report(what: string, before: number, after: number): void {
  if (isFull) console.log(`${what}; resident memory ${before.toFixed(0)} → ${after.toFixed(0)} MB`);
}

/** What is wrong with the answer to a request: nothing, where it is one of those that were expected, and tells no more than it should. */
async function refusalProblems({ name, pieces, statuses }: MalformedRequest): Promise<string[]> {
  const answer = await sendRaw(portOf(), pieces);
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
  const problems = [];
  if (!statuses.includes(status)) problems.push(`${name}: ${status} is none of ${statuses.join(", ")}: ${answer.slice(0, 300)}`);
  if (/^\s+at |node_modules|\.js:\d/m.test(answer)) problems.push(`${name}: a stack trace: ${answer}`);
  return problems;
}

describe("load", () => {
  test("request by request, memory does not grow", async () => {
    await traffic(url, picture, GOOD, (sent) => sent < 300);
    const before = await rss();
    const { count, quantileMs } = await traffic(url, picture, GOOD, (sent) => sent < REQUESTS);
    const after = await rss();
    report(`${count(200)} pictures, p99 ${quantileMs(0.99)} ms`, before, after);
    expect([count(200), after - before < 50]).toEqual([REQUESTS, true]);
  });

  test("more clients than it has room for: every request is answered, and the memory comes back", async () => {
    const crowd = (seconds: number) => {
      const end = performance.now() + 1000 * seconds;
      return traffic(url, picture, CLIENTS, () => performance.now() < end);
    };
    await crowd(SECONDS * WARM_SHARE);
    const before = await rss();
    const { outcomes, count, quantileMs } = await crowd(SECONDS);
    expect(count(200) + count(429) + count(503)).toBe(outcomes.length);
    expect([count(200) > 0, count(429) > 0]).toEqual([true, true]);
    const after = await rssOnce((megabytes) => megabytes - before < 50);
    report(`${count(200)} of ${outcomes.length} detected, p99 ${quantileMs(0.99)} ms`, before, after);
    expect(after - before).toBeLessThan(50);
  });

  test("asked to stop in the middle of it, the server answers what has come and ends", async () => {
    let isAsked = false;
    const running = traffic(url, picture, CLIENTS, () => !isAsked);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const start = performance.now();
    isAsked = server.child.kill("SIGTERM");
    const { outcomes, count } = await running;
    const { code, stdout, stderr } = await server.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/stopping: what has come is answered, nothing more is taken\n$/);
    expect([count(200) > 0, count(200) + count(429) + count(503)]).toEqual([true, outcomes.length]);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

test("what cannot be served is said in one message", async () => {
  expect(await singleshot(["serve", "nothing.pth"], { cwd })).toMatchObject({
    code: 2,
    stdout: "",
    stderr: "nothing.pth: no such run or model file\n",
  });
  const { stderr } = await singleshot(["serve", "tiny.pth", "--engine", "libtorch", "--host", "203.0.113.1"], { cwd });
  expect(stderr).toBe("cannot listen on 203.0.113.1:8080: this machine has no such address. Name another with --host or --port.\n");
  expect(readFileSync(join(cwd, "picture.png")).length).toBe(picture.length);
});
