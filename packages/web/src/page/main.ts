import type { Found } from "../index.js";
import { type Camera, openCamera } from "./camera.js";
import { draw } from "./draw.js";
import { element, say } from "./elements.js";
import { askServer, browser, type Place, server } from "./place.js";
import { showResults } from "./results.js";

const LOWEST_SCORE = 0.05; // what the slider can show without asking again

type Seen = CanvasImageSource & { width: number; height: number };

const canvas = element<HTMLCanvasElement>("picture");
const slider = element<HTMLInputElement>("score");
const places = new Map<string, Place>();
let current: { picture: Seen; found: Found; ms: number; place: string } | undefined;
let source: Blob | undefined;
let camera: Promise<Camera> | undefined;
let turn = 0; // of pictures that overtake each other, the last is shown

const chosenPlace = () => document.querySelector<HTMLInputElement>("input[name=place]:checked")!.value;

/** Everything that was found and is not below the slider. */
function show(): void {
  const score = Number(slider.value);
  element("score-value").textContent = score.toFixed(2);
  if (!current) return;
  const shown = current.found.detections.filter((one) => one.score >= score);
  element("stage").classList.add("filled");
  element("invitation").hidden = true;
  canvas.hidden = false;
  draw(canvas, current.picture, shown);
  const sentence = showResults(shown);
  canvas.setAttribute("aria-label", `Picture with ${sentence}`);
  const place = current.place === "server" ? "on the server, the way there and back included" : "in this browser";
  say(`${sentence}. ${current.ms.toFixed(0)} ms ${place}.`);
}

async function detect(input: Blob | HTMLCanvasElement): Promise<void> {
  const own = ++turn;
  const name = chosenPlace();
  const place = places.get(name)!;
  const picture = input instanceof Blob ? await readable(input) : input;
  const start = performance.now();
  const found = await place.detect(input, LOWEST_SCORE);
  if (own !== turn) return;
  current = { picture, found, ms: performance.now() - start, place: name };
  element(`${name}-backend`).textContent = place.describe();
  show();
}

const readable = (file: Blob): Promise<ImageBitmap> =>
  createImageBitmap(file).catch(() => {
    throw new Error("This file is no picture that the browser can read.");
  });

/** Says what goes wrong instead of leaving it to the console. */
async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    say((error as Error).message, { isProblem: true });
  }
}

function take(file: Blob | undefined | null): void {
  if (!file) return;
  stopCamera();
  source = file;
  say("Looking …");
  void attempt(() => detect(file));
}

function stopCamera(): void {
  void camera?.then((opened) => opened.stop()).catch(() => undefined); // that it cannot be used is said where it was opened
  camera = undefined;
  turn++; // what it saw last is not shown any more
  element("camera").setAttribute("aria-pressed", "false");
}

async function runCamera(): Promise<void> {
  if (camera) return stopCamera();
  const own = openCamera();
  camera = own;
  element("camera").setAttribute("aria-pressed", "true");
  const opened = await own.catch((error: Error) => {
    throw new Error(`The camera cannot be used: ${error.message}`);
  });
  source = undefined;
  while (camera === own) {
    await detect(opened.frame());
    await nextFrame(); // the browser computes in the page's own thread: without a pause nobody could switch the camera off
  }
}

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

function listen(): void {
  const stage = element("stage");
  element<HTMLInputElement>("file").addEventListener("change", ({ target }) => take((target as HTMLInputElement).files?.[0]));
  document.addEventListener("paste", ({ clipboardData }) => take(clipboardData?.files[0]));
  for (const name of ["dragover", "dragleave", "drop"] as const) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      stage.classList.toggle("target", name === "dragover");
      if (name === "drop") take(event.dataTransfer?.files[0]);
    });
  }
  slider.addEventListener("input", show);
  element("camera").addEventListener("click", () => void attempt(runCamera).then(() => camera && stopCamera()));
  for (const radio of document.querySelectorAll("input[name=place]")) {
    radio.addEventListener("change", () => void attempt(choosePlace));
  }
}

async function choosePlace(): Promise<void> {
  const name = chosenPlace();
  if (name === "browser") {
    say("Loading the model into the browser …");
    await (places.get(name) as ReturnType<typeof browser>).ready();
  }
  element(`${name}-backend`).textContent = places.get(name)!.describe();
  say("Ready.");
  if (source) await detect(source);
}

async function start(): Promise<void> {
  const about = await askServer();
  places.set("server", server(about));
  places.set("browser", browser({ wasmPaths: new URL("ort/", location.href).href }));
  element("model").textContent = `${about.recipe} (${about.model}): ${about.classes.join(", ")}`;
  element("server-backend").textContent = places.get("server")!.describe();
  const radio = document.querySelector<HTMLInputElement>("input[value=browser]")!;
  radio.disabled = !about.inBrowser;
  if (!about.inBrowser) element("browser-backend").textContent = "this model cannot be had as ONNX";
  listen();
  say("Ready.");
}

void attempt(start);
