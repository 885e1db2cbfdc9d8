import type { Limits } from "./limits.js";
import type { TITLES } from "./refusal.js";

const number = { type: "number" };
const integer = { type: "integer" };
const string = { type: "string" };
const object = (properties: Record<string, object>, required = Object.keys(properties)) => ({ type: "object", properties, required });
const json = (schema: object, type = "application/json") => ({ content: { [type]: { schema } } });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const schemas = {
  Detection: object({
    label: string,
    labelId: { ...integer, minimum: 1 },
    score: { ...number, minimum: 0, maximum: 1 },
    box: { type: "array", items: number, minItems: 4, maxItems: 4, description: "x1, y1, x2, y2 in pixels of the upright picture" },
  }),
  Picture: object({
    file: string,
    width: integer,
    height: integer,
    detections: { type: "array", items: ref("Detection"), description: "best first" },
  }),
  Result: object({ model: string, images: { type: "array", items: ref("Picture"), minItems: 1, maxItems: 1 } }),
  Health: object({ status: { type: "string", enum: ["ok", "stopping", "failed"] }, model: string, engine: string }),
  Model: object({
    model: string,
    recipe: string,
    classes: { type: "array", items: string },
    input: { type: "object", description: "how pictures are laid into the network's input" },
    engine: { type: "string", enum: ["libtorch", "onnxruntime"] },
    reason: string,
    score: number,
    inBrowser: { type: "boolean", description: "whether /model.onnx is there" },
  }),
  Problem: { ...object({ title: string, status: integer, detail: string }), description: "RFC 9457" },
};

/** Why a request to /detect is refused. */
const refusals = ({ bodyBytes, pixels, queue, seconds }: Limits): [status: keyof typeof TITLES, why: string][] => [
  [400, "The body is empty, or `score` is no number from 0 to 1."],
  [408, `The body did not arrive within ${seconds} s.`],
  [413, `The body is larger than ${bodyBytes / 2 ** 20} MB.`],
  [415, "The body is no JPEG, PNG, WebP, GIF, TIFF or BMP."],
  [422, `The picture is damaged, or has more than ${pixels / 1e6} million pixels.`],
  [429, `${queue} pictures wait already, or too many bytes are on their way. Retry-After says when to try again.`],
  [500, "A fault of the server."],
  [503, `There was no answer within ${seconds} s, or the server stops. Retry-After says when to try again.`],
];

const score = { name: "score", in: "query", schema: { ...number, minimum: 0, maximum: 1 }, description: "weaker detections are left out" };
const file = { name: "file", in: "query", schema: string, description: "what the picture is called in the answer" };

/** What the server answers, as OpenAPI 3.1. */
export function openApi(version: string, { limits, score: standard }: { limits: Limits; score: number }) {
  const problem = json(ref("Problem"), "application/problem+json");
  const detect = {
    summary: "Find things in a picture",
    parameters: [{ ...score, schema: { ...score.schema, default: standard } }, file],
    requestBody: { required: true, ...binary("image/*") },
    responses: {
      200: { description: "As `singleshot predict --json`, with one picture.", ...json(ref("Result")) },
      ...Object.fromEntries(refusals(limits).map(([status, description]) => [status, { description, ...problem }])),
    },
  };
  const get = (summary: string, content: object, more: object = {}) => ({
    get: { summary, responses: { 200: { description: summary, ...content }, ...more } },
  });
  return {
    openapi: "3.1.0",
    info: { title: "singleshot", version, description: "A detector behind HTTP." },
    paths: {
      "/detect": { post: detect },
      "/health": get("Whether it serves", json(ref("Health")), {
        503: { description: "It stops, or is to be started anew", ...json(ref("Health")) },
      }),
      "/model": get("What is served", json(ref("Model"))),
      "/metrics": get("Counts and times for Prometheus", { content: { "text/plain": { schema: string } } }),
      "/model.onnx": get("The model for onnxruntime", binary("application/octet-stream"), {
        404: { description: "Not available", ...problem },
      }),
    },
    components: { schemas },
  };
}

function binary(type: string) {
  return { content: { [type]: { schema: { type: "string", format: "binary" } } } };
}
