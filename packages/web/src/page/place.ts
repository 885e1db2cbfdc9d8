import { type Detector, type Found, type LoadOptions, load } from "../index.js";

/** Where pictures are computed: the server, or this browser. */
export interface Place {
  /** What computes, and why. */
  describe(): string;
  detect(picture: Blob | HTMLCanvasElement, score: number): Promise<Found>;
}

/** What the server says of its model. */
export interface About {
  model: string;
  recipe: string;
  classes: string[];
  engine: string;
  reason: string;
  score: number;
  inBrowser: boolean;
}

export async function askServer(): Promise<About> {
  return (await answered(await fetch("model"))) as About;
}

export function server({ engine, reason }: About): Place {
  return {
    describe: () => `${engine}${reason && `: ${reason}`}`,
    detect: async (picture, score) => {
      const body = picture instanceof Blob ? picture : await fileOf(picture);
      const { images } = (await answered(await fetch(`detect?score=${score}`, { method: "POST", body }))) as { images: [Found] };
      return images[0];
    },
  };
}

/** The server's model in this browser, loaded when it is first needed. */
export function browser(options: LoadOptions): Place & { ready(): Promise<Detector> } {
  let loading: Promise<Detector> | undefined;
  let backend = "";
  const ready = () => {
    loading ??= load("model.onnx", options).then((detector) => {
      backend = `${detector.backend.name}, ${detector.backend.reason}`;
      return detector;
    });
    return loading;
  };
  return { ready, describe: () => backend, detect: async (picture, score) => (await ready()).detect(picture, { score }) };
}

async function answered(response: Response): Promise<unknown> {
  const answer = await response.json();
  if (!response.ok) throw new Error((answer as { detail: string }).detail);
  return answer;
}

const fileOf = (canvas: HTMLCanvasElement): Promise<Blob> =>
  new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the picture cannot be encoded"))), "image/jpeg", 0.92);
  });
