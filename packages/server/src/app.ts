import { type Context, Hono } from "hono";
import { type DetectService, detectIn } from "./detect-route.js";
import type { ModelFacts } from "./engines/index.js";
import { HEADERS } from "./headers.js";
import type { Metrics } from "./metrics.js";
import { openApi } from "./openapi.js";
import { pageFile } from "./page.js";
import { NOTHING_HERE, problemResponse, Refusal } from "./refusal.js";

export interface AppOptions {
  service: DetectService;
  facts: ModelFacts;
  metrics: Metrics;
  version: string;
  /** Asked at every request: a server that stops answers what it gets and lets the connection go; one whose engine is gone is to be started anew. */
  state: () => "ok" | "stopping" | "failed";
  /** An error of ours, for the log: the client is told no more than that there was one. */
  onError: (error: unknown) => void;
  /** The model as `.onnx`, for browsers; undefined where it cannot be had. */
  onnx?: (() => Promise<Uint8Array>) | undefined;
}

/** All routes, without a network under them. */
export function createApp(options: AppOptions): Hono {
  const { service, facts, metrics, version, state, onError, onnx } = options;
  const { recipe, classes, input, engine, reason } = facts;
  const { model } = service;
  const about = { model, recipe, classes, input, engine, reason, score: service.score, inBrowser: onnx !== undefined };
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    finish(context, { isLast: state() === "stopping" });
  });
  app.use("/detect", async (context, next) => {
    const start = performance.now();
    await next();
    metrics.answered(context.res.status, (performance.now() - start) / 1000);
  });
  app.post("/detect", async ({ req, json }) => {
    const result = await detectIn(req.raw, req.query(), service);
    metrics.found(result.images[0].detections.length);
    return json(result);
  });
  app.all("/detect", () => {
    throw new Refusal(405, "POST a picture", { Allow: "POST" });
  });
  app.get("/health", ({ json }) => json({ status: state(), model, engine }, state() === "ok" ? 200 : 503));
  app.get("/model", ({ json }) => json(about));
  app.get("/metrics", async ({ body }) => body(await metrics.text(), 200, { "Content-Type": metrics.contentType }));
  app.get("/openapi.json", ({ json }) => json(openApi(version, service)));
  if (onnx)
    app.get("/model.onnx", async ({ body }) => body(new Uint8Array(await onnx()), 200, { "Content-Type": "application/octet-stream" }));
  app.get("/*", ({ req }) => pageFile(req.path));
  app.notFound(() => problemResponse(new Refusal(404, NOTHING_HERE)));
  app.onError((error) => problemResponse(refusalOf(error, onError)));
  return app;
}

function finish({ res }: Context, { isLast }: { isLast: boolean }): void {
  for (const [name, value] of Object.entries(HEADERS)) res.headers.set(name, value);
  if (isLast) res.headers.set("Connection", "close");
}

/** An error that is no refusal is ours: it goes into the log, not to the client. */
function refusalOf(error: Error, onError: AppOptions["onError"]): Refusal {
  if (error instanceof Refusal) return error;
  if (isDisconnection(error)) return new Refusal(400, "the request ended before it was whole");
  onError(error);
  return new Refusal(500, "the server failed; its log says why");
}

/** Nobody reads the answer any more. */
const isDisconnection = ({ message, code }: Error & { code?: string }) =>
  code === "ECONNRESET" || code === "ERR_STREAM_PREMATURE_CLOSE" || /prematurely closed|the client has gone|aborted/.test(message);
