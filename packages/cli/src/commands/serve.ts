import type { EngineName } from "@singleshot/server";
import { Command, Option } from "commander";
import {
  type DeviceFlags,
  deviceOption,
  fraction,
  type PostprocessFlags,
  postprocessChanges,
  postprocessOptions,
  threadCount,
  wholeNumber,
} from "../options/index.js";
import { interruption, openTerminal } from "../terminal/index.js";
import { version } from "../version.js";

const EXAMPLES = `
Examples:
  $ singleshot serve runs/ssdlite320-1                           then open http://127.0.0.1:8080/
  $ singleshot serve best.pth --host 0.0.0.0 --port 80           for everybody in the network
  $ singleshot serve best.pth --engine libtorch --threads 4
  $ curl --data-binary @photo.jpg http://127.0.0.1:8080/detect?score=0.3

POST a picture (JPEG, PNG, WebP, GIF, TIFF, BMP) to /detect: the answer is that of \`predict --json\`.
/health, /metrics (Prometheus), /openapi.json and, for a person, a page at /.
Ctrl-C or SIGTERM: what has come is answered, then it ends.`;

interface ServeFlags extends Omit<PostprocessFlags, "score">, DeviceFlags {
  host: string;
  port: number;
  engine: EngineName | "auto";
  score: number;
  batchSize: number;
  threads?: number;
  maxBody: number;
  maxPixels: number;
  queue: number;
  timeout: number;
}

export function serve(): Command {
  const command = new Command("serve")
    .summary("detections over HTTP, and a page to try them")
    .description("Serve a detector: POST a picture, get its detections as JSON. With a page to try it.")
    .argument(
      "<RUN|MODEL>",
      "a run directory (its best weights are taken), a .pth or .safetensors file, an .onnx of `export`, or the name of published weights",
    )
    .option("--host <H>", "where to listen; 0.0.0.0: for everybody in the network", "127.0.0.1")
    .option("--port <N>", "0: any that is free", wholeNumber("--port", { min: 0, max: 65_535 }), 8080)
    .addOption(new Option("--engine <E>", "auto: whichever is faster here").choices(["auto", "libtorch", "onnxruntime"]).default("auto"))
    .option("--score <X>", "leaves out weaker detections where a request does not say, 0 to 1", fraction("--score"), 0.5);
  for (const option of postprocessOptions()) command.addOption(option);
  return command
    .option("--batch-size <N>", "pictures of concurrent requests computed together", wholeNumber("--batch-size", { min: 1, max: 256 }), 8)
    .addOption(deviceOption())
    .option("--threads <N>", "threads that compute (default: all cores)", threadCount("--threads"))
    .option("--max-body <MB>", "a larger file is refused: 413", wholeNumber("--max-body", { min: 1, max: 1024 }), 32)
    .option(
      "--max-pixels <M>",
      "a picture with more millions of pixels is refused: 422",
      wholeNumber("--max-pixels", { min: 1, max: 120 }),
      50,
    )
    .option("--queue <N>", "when so many pictures wait, the next is refused: 429", wholeNumber("--queue", { min: 1, max: 100_000 }), 64)
    .option(
      "--timeout <S>",
      "seconds for a request to arrive (408), and to be answered (503)",
      wholeNumber("--timeout", { min: 1, max: 3600 }),
      30,
    )
    .addHelpText("after", EXAMPLES)
    .action(runServer);
}

async function runServer(model: string, flags: ServeFlags): Promise<void> {
  const { host, port, engine, device, score, batchSize, threads } = flags;
  const { startServer } = await import("@singleshot/server");
  const { say, warn } = openTerminal();
  const limits = { bodyBytes: flags.maxBody * 2 ** 20, pixels: flags.maxPixels * 1e6, queue: flags.queue, seconds: flags.timeout };
  const onError = (error: unknown) => warn(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const { score: _score, ...own } = flags;
  const postprocess = postprocessChanges(own);
  const server = await startServer({
    ...{ model, host, port, engine, device, score, batchSize, threads },
    ...{ limits, postprocess, version, onError },
  });
  const { facts, url, stop } = server;
  say(`model:  ${facts.file} (${facts.recipe}), ${facts.classes.join(", ")}`);
  say(`engine: ${facts.engine}${facts.device ? ` on ${facts.device}` : ""}, ${facts.reason}`);
  say(`Serving on ${url} (Ctrl-C stops)`);
  const { signal, release } = interruption(() => say("stopping: what has come is answered, nothing more is taken"));
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  await stop();
  release();
}
