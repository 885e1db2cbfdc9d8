/** A request that gets another answer than detections: a status and a sentence, as RFC 9457's problem details. */
export class Refusal extends Error {
  override name = "Refusal";

  constructor(
    readonly status: keyof typeof TITLES,
    detail: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(detail);
  }
}

export const TITLES = {
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
} as const;

/** Refused for now: the client should ask again, in seconds. */
export const later = (status: 429 | 503, detail: string, seconds = 1): Refusal =>
  new Refusal(status, detail, { "Retry-After": String(seconds) });

export const problemBody = (status: keyof typeof TITLES, detail: string): string =>
  JSON.stringify({ title: TITLES[status], status, detail });

export const problemResponse = ({ status, message, headers }: Refusal): Response =>
  new Response(problemBody(status, message), { status, headers: { "Content-Type": "application/problem+json", ...headers } });

export const NOTHING_HERE = "nothing is here: /, /detect, /health, /model, /metrics and /openapi.json are";
