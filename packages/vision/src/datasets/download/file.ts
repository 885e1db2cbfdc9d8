import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, readFileSync, statSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { InputError } from "@singleshot/base";

export interface DownloadOptions {
  /** hexadecimal digits, all 64 or the first of them: another content is refused */
  sha256?: string;
  /** how often a failed attempt is repeated */
  retries?: number;
  /** before attempt n, counted from 1 */
  waitMs?: (attempt: number) => number;
  /** a connection that is silent for so long is given up */
  silenceMs?: number;
  signal?: AbortSignal;
  onProgress?: (bytes: number, total: number | undefined) => void;
}

/** What a server said that no repetition mends. */
export class HttpRefusal extends InputError {
  constructor(
    url: string,
    readonly status: number,
  ) {
    super(`the server answers ${status} to ${url}`);
  }
}

/**
 * Fetches a file over HTTP: what an earlier attempt left is gone on with, failures are repeated, and under the file's name stands the
 * whole content or nothing.
 *
 * @throws HttpRefusal when the server says that there is no such file; InputError when all attempts fail or the content is another
 */
export async function downloadFile(url: string, file: string, options: DownloadOptions = {}): Promise<void> {
  const { retries = 10, waitMs = (attempt) => 1000 * attempt, signal } = options;
  await mkdir(dirname(file), { recursive: true });
  for (let attempt = 0; ; attempt++) {
    try {
      return await attemptDownload(url, file, options);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (error instanceof InputError) throw error;
      if ("code" in (error as object) && "syscall" in (error as object) && (error as NodeJS.ErrnoException).path !== undefined) throw error; // the disk's fault
      if (attempt >= retries)
        throw new InputError(`${url} could not be fetched in ${attempt + 1} attempts: ${reasonOf(error)}`, {
          fix: "the same command goes on",
        });
      await sleep(waitMs(attempt + 1), undefined, signal && { signal });
    }
  }
}

async function attemptDownload(
  url: string,
  file: string,
  { sha256, silenceMs = 60_000, signal, onProgress }: DownloadOptions,
): Promise<void> {
  const part = `${file}.part`;
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error(`nothing came for ${silenceMs / 1000} s`)), silenceMs);
  try {
    const response = await fetch(url, {
      headers: resumeHeaders(part),
      signal: AbortSignal.any([silence.signal, ...(signal ? [signal] : [])]),
    });
    if (response.status === 416) {
      await discard(part);
      throw new Error("what was fetched earlier does not fit");
    }
    const start = startOf(response, url, part);
    const total = totalOf(response, start);
    if (start === 0) await writeFile(`${part}.etag`, response.headers.get("etag") ?? "");
    let bytes = start;
    const body = Readable.fromWeb(response.body! as Parameters<typeof Readable.fromWeb>[0]).on("data", (chunk: Uint8Array) => {
      timer.refresh();
      bytes += chunk.length;
      onProgress?.(bytes, total);
    });
    await pipeline(body, createWriteStream(part, { flags: start > 0 ? "a" : "w" }));
    if (total !== undefined && statSync(part).size !== total)
      throw new Error(`the connection ended after ${statSync(part).size} of ${total} bytes`);
  } finally {
    clearTimeout(timer);
  }
  await requireDigest(url, part, sha256);
  await rename(part, file);
  await rm(`${part}.etag`, { force: true });
}

/** Goes on only where the server can tell that the file is still the same. */
function resumeHeaders(part: string): Record<string, string> {
  if (!existsSync(part) || !existsSync(`${part}.etag`) || statSync(part).size === 0) return {};
  const etag = readFileSync(`${part}.etag`, "utf8");
  return etag.startsWith('"') ? { range: `bytes=${statSync(part).size}-`, "if-range": etag } : {};
}

/** From which byte on the answer goes. */
function startOf({ status, headers, url: final }: Response, url: string, part: string): number {
  if (url.startsWith("https:") && !final.startsWith("https:")) throw new InputError(`${url} leads to ${final}, which is not encrypted`);
  if (status === 200) return 0;
  const from = /^bytes (\d+)-/.exec(headers.get("content-range") ?? "")?.[1];
  if (status === 206 && existsSync(part) && Number(from) === statSync(part).size) return Number(from);
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) throw new HttpRefusal(url, status);
  throw new Error(`the server answers ${status}`);
}

/** The length of the whole file, where the server says it and nothing is packed on the way. */
function totalOf({ headers }: Response, start: number): number | undefined {
  const length = headers.get("content-length");
  return length === null || headers.get("content-encoding") ? undefined : start + Number(length);
}

async function requireDigest(url: string, part: string, sha256: string | undefined): Promise<void> {
  if (sha256 === undefined) return;
  const hash = createHash("sha256");
  await pipeline(createReadStream(part), hash);
  const found = hash.digest("hex");
  if (found.startsWith(sha256.toLowerCase())) return;
  await discard(part);
  throw new InputError(`${url} has another content than expected: its SHA-256 is ${found}`, { fix: "check the address and the hash" });
}

async function discard(part: string): Promise<void> {
  for (const file of [part, `${part}.etag`]) await rm(file, { force: true });
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message ? cause.message : message;
}
