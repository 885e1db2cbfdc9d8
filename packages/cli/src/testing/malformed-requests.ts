import { deflateSync, gzipSync } from "node:zlib";
import type { Piece } from "./raw-requests.js";

/** A request that a client should not send. */
export interface MalformedRequest {
  name: string;
  pieces: readonly Piece[];
  /** The statuses that may answer it; 0: none, the connection is closed. */
  statuses: readonly number[];
}

const post = (headers: string, query = "") => `POST /detect${query} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${headers}\r\n`;
const withBody = (body: Uint8Array | string, headers = "", query = ""): Piece[] => [
  post(`Content-Length: ${Buffer.byteLength(body)}\r\n${headers}`, query),
  body,
];
const get = (path: string, headers = "") => `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${headers}\r\n`;
const chunk = (bytes: Uint8Array): Piece[] => [`${bytes.length.toString(16)}\r\n`, bytes, "\r\n"];

/** A PNG that says it is so large, with hardly any pixels behind it. */
function bomb(side: number): Buffer {
  const header = Buffer.alloc(25);
  header.writeUInt32BE(13, 0);
  header.write("IHDR", 4);
  header.writeUInt32BE(side, 8);
  header.writeUInt32BE(side, 12);
  header.set([8, 2, 0, 0, 0], 16);
  header.writeUInt32BE(crc32(header.subarray(4, 21)), 21);
  const data = deflateSync(Buffer.alloc(1000));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), header, length, Buffer.from("IDAT"), data, Buffer.alloc(4)]);
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

const damaged = (picture: Uint8Array): Buffer => {
  const bytes = Buffer.from(picture);
  for (let at = bytes.length >> 1; at < bytes.length; at += 7) bytes[at] = bytes[at]! ^ 0x5a;
  return bytes;
};

const HTTP = [400, 0];
const WEBSOCKET =
  "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";

/** @param picture a whole PNG file, out of which damaged ones are made */
export const malformedRequests = (picture: Uint8Array): MalformedRequest[] => [
  { name: "noise", pieces: [Uint8Array.from({ length: 999 }, (_, i) => (i * 73) % 256)], statuses: HTTP },
  { name: "a TLS handshake", pieces: [Buffer.from("16030100c8010000c40303", "hex"), null], statuses: HTTP },
  { name: "HTTP/0.9", pieces: ["GET /\r\n\r\n"], statuses: HTTP },
  { name: "HTTP/9.9", pieces: ["GET / HTTP/9.9\r\nHost: a\r\n\r\n"], statuses: HTTP },
  { name: "an unknown method", pieces: ["BREW /detect HTTP/1.1\r\nHost: a\r\n\r\n"], statuses: HTTP },
  { name: "no Host", pieces: ["GET /health HTTP/1.1\r\nConnection: close\r\n\r\n"], statuses: HTTP },
  { name: "a header without a colon", pieces: [get("/health", "nonsense\r\n")], statuses: HTTP },
  { name: "a space in a header's name", pieces: [get("/health", "two words: 1\r\n")], statuses: HTTP },
  { name: "a zero byte in a header", pieces: [get("/health", "a: \0\r\n")], statuses: HTTP },
  { name: "lines that end with LF alone", pieces: ["POST /detect HTTP/1.1\nHost: a\nContent-Length: 0\n\n"], statuses: HTTP },
  { name: "a folded header", pieces: [get("/health", "a: 1\r\n 2\r\n")], statuses: [200, ...HTTP] },
  { name: "a huge header", pieces: [get("/health", `a: ${"x".repeat(100_000)}\r\n`)], statuses: [431, 0] },
  { name: "ten thousand headers", pieces: [get("/health", "a: 1\r\n".repeat(10_000))], statuses: [431, 0] },
  { name: "a huge address", pieces: [get(`/${"x".repeat(100_000)}`)], statuses: [414, 431, 0] },
  { name: "a negative length", pieces: [post("Content-Length: -1\r\n")], statuses: HTTP },
  { name: "a length in words", pieces: [post("Content-Length: many\r\n")], statuses: HTTP },
  { name: "two lengths", pieces: [post("Content-Length: 1\r\nContent-Length: 2\r\n"), "ab"], statuses: HTTP },
  { name: "a length and chunks", pieces: [post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"), "0\r\n\r\n"], statuses: HTTP },
  { name: "a chunk of no size", pieces: [post("Transfer-Encoding: chunked\r\n"), "zz\r\n"], statuses: HTTP },
  { name: "a chunk longer than it says", pieces: [post("Transfer-Encoding: chunked\r\n"), "1\r\nabc\r\n0\r\n\r\n"], statuses: HTTP },
  { name: "an unknown transfer encoding", pieces: [post("Transfer-Encoding: gzip\r\n"), "x"], statuses: HTTP },
  { name: "half of the body, then the end", pieces: [post("Content-Length: 1000\r\n"), "x".repeat(500), null], statuses: HTTP },
  { name: "half of the body, then a break", pieces: [post("Content-Length: 1000\r\n"), "x".repeat(500), "reset"], statuses: [0] },
  { name: "half of the headers, then a break", pieces: ["POST /detect HTTP/1.1\r\nHo", "reset"], statuses: [0] },
  { name: "a terabyte announced", pieces: [post("Content-Length: 1000000000000\r\n"), "x", null], statuses: [413] },
  {
    name: "33 MB that were not announced",
    pieces: [post("Transfer-Encoding: chunked\r\n"), ...Array.from({ length: 33 }, () => chunk(Buffer.alloc(2 ** 20))).flat()],
    statuses: [413, 408, 0], // a busy machine may need longer for them than it has
  },
  { name: "an expectation", pieces: [post("Expect: miracles\r\nContent-Length: 0\r\n")], statuses: [417, 400] },
  { name: "an upgrade", pieces: [`GET /detect HTTP/1.1\r\nHost: a\r\n${WEBSOCKET}\r\n`, null], statuses: [400, 405, 426] },
  { name: "CONNECT", pieces: ["CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n"], statuses: HTTP },
  { name: "a way out of the folder", pieces: [get("/../../../../etc/passwd")], statuses: [404] },
  { name: "an encoded way out", pieces: [get("/%2e%2e/%2e%2e/etc/passwd")], statuses: [404] },
  { name: "an address that cannot be decoded", pieces: [get("/%zz%00%ff")], statuses: [404, 400] },
  { name: "DELETE", pieces: ["DELETE /detect HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"], statuses: [405] },
  { name: "no picture", pieces: withBody(""), statuses: [400] },
  { name: "text", pieces: withBody("this is not a picture"), statuses: [415] },
  { name: "JSON", pieces: withBody("{}", "Content-Type: application/json\r\n"), statuses: [415] },
  { name: "a form", pieces: withBody("--x\r\n\r\nx\r\n--x--", "Content-Type: multipart/form-data; boundary=x\r\n"), statuses: [415] },
  { name: "an SVG that wants files", pieces: withBody('<svg><image href="file:///etc/passwd"/></svg>'), statuses: [415] },
  { name: "a zipped picture", pieces: withBody(gzipSync(picture), "Content-Encoding: gzip\r\n"), statuses: [415] },
  { name: "the first bytes of a picture", pieces: withBody(picture.subarray(0, 20)), statuses: [422] },
  { name: "half a picture", pieces: withBody(picture.subarray(0, picture.length >> 1)), statuses: [422] },
  { name: "a damaged picture", pieces: withBody(damaged(picture)), statuses: [422] },
  { name: "a picture of 100 million pixels", pieces: withBody(bomb(10_000)), statuses: [422] },
  { name: "a picture of 10 billion pixels", pieces: withBody(bomb(100_000)), statuses: [422] },
  { name: "a GIF without size", pieces: withBody(Buffer.from("GIF89a\0\0\0\0\0\0\0;", "latin1")), statuses: [422] },
  { name: "a WebP that lies about its length", pieces: withBody(Buffer.from("RIFF\xff\xff\xff\x7fWEBPVP8 ", "latin1")), statuses: [422] },
  { name: "a score beyond", pieces: withBody(picture, "", "?score=2"), statuses: [400] },
  { name: "a score in words", pieces: withBody(picture, "", "?score=high"), statuses: [400] },
];
