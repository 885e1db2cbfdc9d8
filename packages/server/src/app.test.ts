import { encodePicture } from "@singleshot/vision/node";
import { describe, expect, test } from "vitest";
import { createApp } from "./app.js";
import type { DetectResult } from "./detect-route.js";
import type { ModelFacts } from "./engines/index.js";
import { DEFAULT_LIMITS, type Limits } from "./limits.js";
import { createMetrics } from "./metrics.js";
import type { openApi } from "./openapi.js";
import type { Queue } from "./queue.js";

const facts: ModelFacts = {
  file: "/somewhere/best.pth",
  recipe: "tiny",
  classes: ["bolt", "nut"],
  input: { resize: "stretch", width: 8, height: 8 },
  engine: "libtorch",
  reason: "there is no other",
};
const found = { boxes: new Float32Array([0, 1, 2, 3, 4, 4, 6, 6]), labels: new Int32Array([2, 1]), scores: new Float32Array([0.75, 0.25]) };
const queueOf = (detect: Queue["detect"]): Queue => ({ length: 0, isFull: false, detect });
const finds = queueOf(async ({ size }) => ({ ...size, detections: found }));
const picture = await encodePicture({ data: new Uint8Array(3 * 6 * 7), width: 6, height: 7 }, ".png");

function appWith({ queue = finds, limits, state = "ok" }: { queue?: Queue; limits?: Partial<Limits>; state?: "ok" | "stopping" } = {}) {
  const errors: unknown[] = [];
  const held = { bytes: 0 };
  const app = createApp({
    service: { model: "best.pth", classes: facts.classes, queue, held, limits: { ...DEFAULT_LIMITS, ...limits }, score: 0.5 },
    facts,
    metrics: createMetrics({ queue: () => queue.length, heldBytes: () => held.bytes }),
    version: "1.2.3",
    state: () => state,
    onError: (error) => errors.push(error),
  });
  const post = async (query = "", body: RequestInit["body"] = new Uint8Array(picture), init: RequestInit = {}) => {
    const answer = await app.request(`/detect${query}`, { method: "POST", body, ...init });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as DetectResult };
  };
  return { app, post, errors, held };
}

const bolt = { label: "bolt", labelId: 1, score: 0.25, box: [4, 4, 6, 6] };
const nut = { label: "nut", labelId: 2, score: 0.75, box: [0, 1, 2, 3] };

test("detections are what `predict --json` writes, from the score that is asked for", async () => {
  const { post } = appWith();
  const image = { file: "picture", width: 6, height: 7, detections: [nut] };
  expect((await post()).body).toEqual({ model: "best.pth", images: [image] });
  expect((await post("?score=0&file=a.png")).body.images).toEqual([{ ...image, file: "a.png", detections: [nut, bolt] }]);
});

describe("refusals say what and why", () => {
  const problem = (status: number, title: string, detail: string) => ({ status, body: { status, title, detail } });
  const endless = () => new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(2 ** 19)) });
  const stalled = () => new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(9)) });
  const streamed = { duplex: "half" } as RequestInit;

  test("of the client's mistakes", async () => {
    const { post, app, held } = appWith({ limits: { bodyBytes: 2 ** 20, pixels: 40 } });
    expect(await post("?score=1.5")).toMatchObject(problem(400, "Bad Request", "score: 1.5 is not a number from 0 to 1"));
    expect(await post("", "")).toMatchObject(problem(400, "Bad Request", "the body is empty: send a picture"));
    expect(await post("", endless(), streamed)).toMatchObject(problem(413, "Content Too Large", "the body is larger than 1 MB"));
    const slow = appWith({ limits: { seconds: 0.1 } });
    expect(await slow.post("", stalled(), streamed)).toMatchObject(problem(408, "Request Timeout", "the body did not arrive within 0.1 s"));
    const form = "the picture itself is the body, not multipart/form-data: curl --data-binary @photo.jpg";
    expect(await post("", new FormData())).toMatchObject(problem(415, "Unsupported Media Type", form));
    const formats = "not a picture of a format that is read (jpeg, png, gif, webp, tiff, bmp)";
    expect(await post("", "text")).toMatchObject(problem(415, "Unsupported Media Type", formats));
    const large = "the picture has 6 x 7 pixels, more than 0.00004 million";
    expect(await post()).toMatchObject(problem(422, "Unprocessable Content", large));
    const get = await app.request("/detect");
    expect([get.status, get.headers.get("allow"), get.headers.get("content-type")]).toEqual([405, "POST", "application/problem+json"]);
    expect((await app.request("/nowhere", { method: "PUT" })).status).toBe(404);
    expect([held.bytes, slow.held.bytes]).toEqual([0, 0]);
  });

  test("of the server's limits", async () => {
    const full = await appWith({ queue: { ...finds, isFull: true } }).post();
    expect(full).toMatchObject(problem(429, "Too Many Requests", "64 pictures wait already: try again"));
    expect(full.headers.get("retry-after")).toBe("1");
    const much = await appWith({ limits: { heldBytes: 10 } }).post();
    expect(much).toMatchObject(problem(429, "Too Many Requests", "too many bytes are on their way: try again"));
    const never = queueOf((_, signal) => new Promise((__, reject) => signal.addEventListener("abort", () => reject(signal.reason))));
    const { post, held } = appWith({ queue: never, limits: { seconds: 1 } });
    expect(await post()).toMatchObject(problem(503, "Service Unavailable", "no answer within 1 s: try again"));
    expect(held.bytes).toBe(0);
  });

  test("and of its own faults no more than that there was one", async () => {
    const { post, errors } = appWith({ queue: queueOf(async () => Promise.reject(new Error("secret"))) });
    expect(await post()).toMatchObject(problem(500, "Internal Server Error", "the server failed; its log says why"));
    expect(errors).toEqual([new Error("secret")]);
  });
});

test("a server that stops says so, and that each answer is its connection's last", async () => {
  const { app, post } = appWith({ state: "stopping" });
  expect([(await app.request("/health")).status, (await post()).status]).toEqual([503, 200]);
  expect((await post()).headers.get("connection")).toBe("close");
});

test("the description knows every route, and every answer of /detect", async () => {
  const { app } = appWith();
  const { paths, components } = (await (await app.request("/openapi.json")).json()) as ReturnType<typeof openApi>;
  const described = Object.entries(paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const served = app.routes.map(({ method, path }) => `${method} ${path}`).filter((route) => !/^ALL|\*|openapi/.test(route));
  expect(described.filter((route) => !served.includes(route))).toEqual(["GET /model.onnx"]); // no such model here
  expect(served.filter((route) => !described.includes(route))).toEqual([]);
  expect(Object.keys(paths["/detect"].post.responses).map(Number)).toEqual([200, 400, 408, 413, 415, 422, 429, 500, 503]);
  expect(Object.keys(components.schemas.Detection.properties)).toEqual(Object.keys(nut));
});

test("the counts are Prometheus'", async () => {
  const { app, post } = appWith();
  await post();
  await post("?score=x");
  const answer = await app.request("/metrics");
  expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await answer.text()).split("\n");
  expect(lines).toEqual(expect.arrayContaining(['singleshot_requests_total{status="200"} 1', 'singleshot_requests_total{status="400"} 1']));
  expect(lines).toEqual(expect.arrayContaining(["singleshot_queue_length 0", "singleshot_detections_total 1"]));
});
