import { env } from "onnxruntime-web/wasm";

/** What computes, and why it is what it is. */
export interface Backend {
  name: "WebAssembly";
  threads: number;
  /** One sentence. */
  reason: string;
}

const MOST_THREADS = 8; // networks of this size gain nothing from more

/** What decides how many threads a page gets. */
export interface PageState {
  /** Cross-origin isolated: browsers give memory that threads share to such pages alone. */
  isolated: boolean;
  /** Over HTTPS or on localhost; other pages are never isolated. */
  secure: boolean;
  cores: number;
}

/** How many threads WebAssembly gets here, and why. */
export function chooseBackend(wanted: number | undefined, { isolated, secure, cores }: PageState): Backend {
  const name = "WebAssembly";
  if (!isolated) return { name, threads: 1, reason: `1 thread, since the page is not cross-origin isolated: ${secure ? HEADERS : HTTPS}` };
  const threads = wanted ?? Math.max(1, Math.min(MOST_THREADS, cores));
  return { name, threads, reason: `${threads} ${threads === 1 ? "thread" : "threads"}, ${why(wanted, cores)}` };
}

const HEADERS = "its server must send the headers COOP and COEP";
const HTTPS = "it must come over HTTPS or from localhost";

function why(wanted: number | undefined, cores: number): string {
  if (wanted !== undefined) return "as asked for";
  const has = `the page is isolated and the machine has ${cores} ${cores === 1 ? "core" : "cores"}`;
  return cores > MOST_THREADS ? `${has}, of which more would bring nothing` : has;
}

/** Tells onnxruntime. */
export function useBackend({ threads }: Backend, wasmPaths: string | undefined): void {
  env.wasm.numThreads = threads;
  if (wasmPaths !== undefined) env.wasm.wasmPaths = wasmPaths;
}
