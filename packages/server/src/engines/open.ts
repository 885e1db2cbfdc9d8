import { join } from "node:path";
import { detectPictures, loadModel, type Model, merge, onnxModel, openOnnx, type Recipe, writeOnnx } from "@singleshot/detection";
import { type Device, describeDevice, findDevice, setThreads } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import type { EngineOptions, Opened, Runner } from "./engine.js";
import { measure } from "./measure.js";

/**
 * Opens a model in the engine that is asked for, or in the one that is faster here.
 *
 * @throws InputError
 */
export async function openModel(options: EngineOptions & { folder: string }): Promise<Opened> {
  const { model, engine, device } = options;
  const isExported = model.endsWith(".onnx");
  if (asksForGpu(device) && (isExported || engine === "onnxruntime"))
    throw new InputError(`onnxruntime computes on the CPU, not on '${device}'`, {
      fix: "leave the device out, or take libtorch and a file that it reads",
    });
  return isExported ? openExported(options) : openTrained(options);
}

const asksForGpu = (device: string | undefined): boolean => device !== undefined && device !== "auto" && device !== "cpu";

async function openExported({ model, engine, threads, postprocess = {} }: EngineOptions): Promise<Opened> {
  if (engine === "libtorch")
    throw new InputError("an exported model runs in onnxruntime alone", {
      file: model,
      fix: "name the run or the .pth it was exported from",
    });
  const runner = await openOnnx(model, { ...(threads && { threads }) });
  const { card } = runner;
  Object.assign(card, { postprocess: merge(card.postprocess, postprocess) });
  const facts = { file: model, recipe: `ONNX, ${card.graph}`, classes: card.classes, input: card.input, onnx: model };
  return { runner, facts: { ...facts, engine: "onnxruntime", reason: "libtorch reads no .onnx" } };
}

async function openTrained(options: EngineOptions & { folder: string }): Promise<Opened> {
  const { engine, threads } = options;
  if (threads) setThreads(threads);
  const device = engine === "onnxruntime" ? "cpu" : findDevice(options.device ?? "auto");
  const { model, onnx } = await loadBoth(options, device);
  const { detector, recipe, file } = model;
  const facts = {
    file,
    recipe: recipe.name,
    classes: [...detector.classes],
    input: detector.input,
    ...(!(onnx instanceof Error) && { onnx }),
  };
  const libtorch: Runner = { detect: (pictures) => detectPictures(detector, pictures), close: () => detector.dispose() };
  const place = device === "cpu" ? {} : { device: describeDevice(device) };
  const inLibtorch = (reason: string): Opened => ({ runner: libtorch, facts: { ...facts, ...place, engine: "libtorch", reason } });
  if (engine === "libtorch") return inLibtorch(ASKED_FOR);
  if (asksForGpu(options.device)) return inLibtorch("on the device that was asked for");
  const onnxruntime = onnx instanceof Error ? onnx : await attempt(() => openOnnx(onnx, { ...(threads && { threads }) }));
  if (onnxruntime instanceof Error) {
    if (engine === "onnxruntime") throw onnxruntime;
    return inLibtorch(`onnxruntime is not to be had: ${onnxruntime.message}`);
  }
  if (engine === "auto") return fasterOf({ libtorch, onnxruntime }, { libtorch: { ...facts, ...place }, onnxruntime: facts });
  libtorch.close();
  return { runner: onnxruntime, facts: { ...facts, engine, reason: ASKED_FOR } };
}

/** A model for libtorch on a device, and as ONNX, which is made on the CPU. */
async function loadBoth(
  { model: path, postprocess = {}, folder }: EngineOptions & { folder: string },
  device: Device,
): Promise<{ model: Model; onnx: string | Error }> {
  const adjust = (recipe: Recipe) => merge(recipe, { detector: { postprocess } }) as Recipe;
  const model = loadModel(path, { adjust });
  const onnx = await attempt(() => exported(model, folder));
  model.detector.to({ device });
  return { model, onnx };
}

const ASKED_FOR = "as asked for";

/** What cannot be had is said, and the server does without. */
async function attempt<T>(work: () => T | Promise<T>): Promise<T | Error> {
  try {
    return await work();
  } catch (error) {
    return error as Error;
  }
}

function exported(model: Model, folder: string): string {
  const file = join(folder, "model.onnx");
  writeOnnx(file, onnxModel(model));
  return file;
}

async function fasterOf(
  runners: Record<"libtorch" | "onnxruntime", Runner>,
  facts: Record<"libtorch" | "onnxruntime", Omit<Opened["facts"], "engine" | "reason">>,
): Promise<Opened> {
  const ms = await measure(runners);
  const [engine, slower] = ms.libtorch <= ms.onnxruntime ? (["libtorch", "onnxruntime"] as const) : (["onnxruntime", "libtorch"] as const);
  await runners[slower].close();
  const reason = `${ms[engine].toFixed(0)} ms a picture here, ${slower} ${ms[slower].toFixed(0)}`;
  return { runner: runners[engine], facts: { ...facts[engine], engine, reason } };
}
