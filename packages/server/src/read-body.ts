import { later, Refusal } from "./refusal.js";

/** How many bytes the files of all requests take; they are held until a request is answered. */
export interface Held {
  bytes: number;
}

interface BodyLimits {
  bodyBytes: number;
  heldBytes: number;
  seconds: number;
}

/**
 * Reads the body of a request, not further than is allowed. What it took is in `held` until `release`.
 *
 * @throws Refusal 408, 413, 429
 */
export async function readBody(request: Request, held: Held, limits: BodyLimits): Promise<{ bytes: Uint8Array; release: () => void }> {
  const { bodyBytes } = limits;
  const tooLarge = () => new Refusal(413, `the body is larger than ${Math.floor(bodyBytes / 2 ** 20)} MB`);
  if (Number(request.headers.get("content-length") ?? 0) > bodyBytes) throw tooLarge();
  let length = 0;
  const release = () => {
    held.bytes -= length;
    length = 0;
  };
  const take = (size: number) => {
    length += size;
    held.bytes += size;
    if (length > bodyBytes) throw tooLarge();
    if (held.bytes > limits.heldBytes) throw later(429, "too many bytes are on their way: try again");
  };
  try {
    return { bytes: await collect(request.body, take, limits.seconds), release };
  } catch (error) {
    release();
    throw error;
  }
}

async function collect(body: Request["body"], take: (size: number) => void, seconds: number): Promise<Uint8Array> {
  if (!body) return new Uint8Array(0);
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  const slow = new Refusal(408, `the body did not arrive within ${seconds} s`, { Connection: "close" });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    reader.cancel(slow).catch(() => {}); // what is read next is the end
  }, 1000 * seconds);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      take(value.length);
      chunks.push(value);
    }
    if (isLate) throw slow;
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  } catch (error) {
    reader.cancel().catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
