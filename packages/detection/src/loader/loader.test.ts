import { execFileSync } from "node:child_process";
import { mkdtempSync, promises, rmSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { uniform } from "@singleshot/testing";
import { scope } from "@singleshot/torch";
import { type DatasetEntry, InputError } from "@singleshot/vision";
import { writePicture } from "@singleshot/vision/node";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Loader, type LoaderOptions } from "./index.js";

const folder = mkdtempSync(join(tmpdir(), "singleshot-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const width = 40;
const height = 30;
const entries: DatasetEntry[] = Array.from({ length: 11 }, (_, i) => ({
  id: `picture-${i}`,
  imageFile: join(folder, `picture-${i}.png`),
  width,
  height,
  source: `picture-${i}.xml`,
  boxes: Float32Array.from(Array.from({ length: i % 4 }, (__, k) => [k, 2 * k, 10 + k, 12 + k]).flat()),
  labels: Int32Array.from({ length: i % 4 }, (__, k) => 1 + (k % 2)),
  flags: new Uint8Array(i % 4),
}));

beforeAll(async () => {
  for (const { imageFile } of entries) {
    const data = Uint8Array.from(uniform(imageFile, 3 * width * height), (u) => 128 + 127 * u);
    await writePicture(imageFile, { data, width, height });
  }
});

const options: LoaderOptions = {
  entries,
  augmentation: [{ step: "iou-crop" }, { step: "photometric" }, { step: "flip" }],
  input: { resize: "stretch", width: 24, height: 16 },
  batchSize: 4,
  seed: 5,
  shuffle: true,
};

/** Everything in the batches of some epochs, as text. */
async function contents(more: Partial<LoaderOptions>, epochs = [0, 1], from = 0): Promise<string[]> {
  const loader = new Loader({ ...options, ...more });
  const seen: string[] = [];
  try {
    for (const epoch of epochs) {
      for await (using batch of loader.epoch(epoch, { from })) {
        const { images, boxes, labels, counts } = batch;
        seen.push(
          [
            batch.entries.map(({ id }) => id),
            images.toTypedArray<"uint8">(),
            boxes.toTypedArray(),
            labels.toTypedArray<"int64">(),
            counts.toTypedArray<"int64">(),
          ].join(";"),
        );
      }
    }
  } finally {
    await loader.close();
  }
  return seen;
}

describe("what a batch holds depends on seed, epoch and index alone", () => {
  test.each([1, 2, 4])("%i workers give what none gives", async (workers) => {
    expect(await contents({ workers })).toEqual(await contents({ workers: 0 }));
  });

  test("a cache changes nothing", async () => {
    expect(await contents({ workers: 1, cacheBytes: 1e6 })).toEqual(await contents({ workers: 0 }));
  });

  test("an epoch taken up in its middle goes on as it would have", async () => {
    expect(await contents({ workers: 1 }, [1], 1)).toEqual((await contents({ workers: 1 }, [1])).slice(1));
  });

  test("another seed or epoch gives other batches", async () => {
    const [first] = await contents({}, [0]);
    expect((await contents({}, [1]))[0]).not.toBe(first);
    expect((await contents({ seed: 6 }, [0]))[0]).not.toBe(first);
  });
});

/** The numbers of the pictures of each batch of some epochs. */
async function shown(more: Partial<LoaderOptions>, epochs: number): Promise<number[][][]> {
  const loader = new Loader({ ...options, workers: 0, ...more });
  const seen = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const batches: number[][] = [];
    for await (using batch of loader.epoch(epoch)) batches.push(batch.entries.map((entry) => entries.indexOf(entry)));
    seen.push(batches);
  }
  expect(seen.map((batches) => batches.length)).toEqual(loader.batchCounts(epochs));
  await loader.close();
  return seen;
}

const ascending = (numbers: number[]) => numbers.sort((a, b) => a - b);
const all = [...entries.keys()];

describe("the pictures of an epoch", () => {
  test("fill the last batch, or not: it is kept, dropped or begins the next epoch", async () => {
    const sizes = async (last: LoaderOptions["last"] & string) =>
      (await shown({ last }, 4)).map((batches) => batches.map((batch) => batch.length));
    expect(await sizes("keep")).toEqual([1, 2, 3, 4].map(() => [4, 4, 3]));
    expect(await sizes("drop")).toEqual([1, 2, 3, 4].map(() => [4, 4]));
    expect(await sizes("roll-over")).toEqual([2, 3, 3, 3].map((count) => new Array(count).fill(4)));
    const [first, second] = await shown({ last: "roll-over" }, 2);
    const left = all.filter((i) => !first!.flat().includes(i));
    expect(ascending(second![0]!.slice(0, 3))).toEqual(left);
  });

  test("that are fewer than a batch are not dropped", async () => {
    const few = entries.slice(0, 3);
    expect(await shown({ entries: few, last: "drop" }, 2)).toEqual(await shown({ entries: few, last: "keep" }, 2));
    expect((await shown({ entries: few, last: "roll-over" }, 5)).map((batches) => batches.length)).toEqual([0, 1, 1, 1, 0]);
  });

  test("lie in batches of one group", async () => {
    const groups = all.map((i) => i % 2);
    for (const last of ["keep", "drop"] as const) {
      const epochs = await shown({ groups, last }, 3);
      for (const batch of epochs.flat()) expect(new Set(batch.map((i) => groups[i])).size).toBe(1);
    }
  });

  test("are those that were chosen, as often as they are to be seen", async () => {
    expect(ascending((await shown({ pictures: [1, 4, 7, 8, 9] }, 1)).flat(2))).toEqual([1, 4, 7, 8, 9]);
    const repeats = all.map((i) => (i === 6 ? 3 : 1));
    expect(ascending((await shown({ repeats }, 1)).flat(2))).toEqual([...all, 6, 6].sort((a, b) => a - b));
  });
});

test("a picture that an epoch shows again is augmented anew; the first time is as without repeats", async () => {
  const once = { augmentation: options.augmentation, batchSize: 1, workers: 1, shuffle: false };
  const again = await contents({ ...once, repeats: all.map(() => 2) }, [0]);
  expect(again.filter((_, i) => i % 2 === 0)).toEqual(await contents(once, [0]));
  for (let i = 0; i < again.length; i += 2) expect(again[i + 1]).not.toBe(again[i]);
});

const uneven = { repeats: all.map((i) => 1 + (i % 3) / 2) };
test.each([
  { ...uneven, last: "roll-over" as const },
  { ...uneven, groups: all.map((i) => i % 2), last: "drop" as const },
])("an epoch taken up in its middle goes on as it would have, however its pictures were chosen", async (chosen) => {
  expect(await contents({ ...chosen, workers: 2 }, [2], 1)).toEqual((await contents({ ...chosen, workers: 0 }, [2])).slice(1));
});

describe("a picture that cannot be read", () => {
  const broken = { ...entries[3]!, id: "broken", imageFile: join(folder, "broken.jpg") };
  beforeAll(() => writeFileSync(broken.imageFile, "not a picture"));
  const some = [entries[0]!, broken, entries[2]!, entries[4]!, entries[5]!];

  test("ends the run with its name", async () => {
    await expect(contents({ entries: some, shuffle: false })).rejects.toThrow(/broken\.jpg/);
  });

  test.each([0, 2])("or is told once and left out (%i workers)", async (workers) => {
    const told: InputError[] = [];
    const skip = { entries: some, shuffle: false, workers, broken: "skip" as const, onBroken: (error: InputError) => told.push(error) };
    const [first, second] = await contents(skip, [0]);
    expect(first?.split(";")[0]).toBe("picture-0,picture-2,picture-4");
    expect(second?.split(";")[0]).toBe("picture-5");
    await contents(skip, [0, 1]);
    expect(told.map(({ place }) => place.file)).toEqual([broken.imageFile, broken.imageFile]); // once for each loader
    expect(told[0]).toBeInstanceOf(InputError);
  });
});

test("an epoch in which no picture can be read ends the run", async () => {
  const gone = entries.slice(0, 5).map((entry) => ({ ...entry, imageFile: `${entry.imageFile}.gone` }));
  const told: string[] = [];
  const work = contents({ entries: gone, workers: 0, broken: "skip", onBroken: ({ message }) => told.push(message) }, [0]);
  await expect(work).rejects.toThrow("none of the pictures of epoch 1 could be read. See what was left out, above: is their disk there?");
  expect(told).toHaveLength(5);
});

describe("a picture that takes too long", () => {
  const stuck = { ...entries[3]!, id: "stuck", imageFile: join(folder, "stuck.png") };
  const some = { entries: [stuck, entries[0]!], shuffle: false, workers: 0, limitMs: 1000 };
  const { readFile } = promises;
  beforeAll(() => {
    promises.readFile = ((file: string) => (file === stuck.imageFile ? new Promise(() => {}) : readFile(file))) as typeof readFile;
    syncBuiltinESMExports();
    writeFileSync(stuck.imageFile, "");
  });
  afterAll(() => {
    promises.readFile = readFile;
    syncBuiltinESMExports();
  });
  const message = `${stuck.imageFile}: reading the picture takes longer than 1 s: does its disk or network drive answer?`;

  test("ends the run with its name", async () => {
    await expect(contents(some, [0])).rejects.toThrow(
      new InputError("reading the picture takes longer than 1 s: does its disk or network drive answer?", { file: stuck.imageFile }),
    );
  });

  test("or is told and left out", async () => {
    const told: string[] = [];
    const [batch] = await contents({ ...some, broken: "skip", onBroken: (error) => told.push(error.message) }, [0]);
    expect(batch?.split(";")[0]).toBe("picture-0");
    expect(told).toEqual([message]);
  });

  test("and what is no file is not waited for", async () => {
    const pipe = { ...stuck, imageFile: join(folder, "pipe.png") };
    execFileSync("mkfifo", [pipe.imageFile]);
    await expect(contents({ entries: [pipe], workers: 1 }, [0])).rejects.toThrow(`${pipe.imageFile}: not a file`);
  });
});

test("a thread that is ended takes the run with it, in one message, even where broken pictures are skipped", async () => {
  const post = vi.spyOn(Worker.prototype, "postMessage").mockImplementationOnce(function (this: Worker) {
    void this.terminate();
  });
  const loader = new Loader({ ...options, workers: 2, shuffle: false, broken: "skip" });
  const message = `${entries[0]!.imageFile}: a thread that loads pictures has died (ended from outside). Go on with --resume; if memory is short, with fewer data.workers or a smaller data.cacheMegabytes.`;
  for (const epoch of [0, 1]) await expect(loader.epoch(epoch).next()).rejects.toThrow(message);
  await loader.close();
  post.mockRestore();
});

test("memory is given back: as many epochs as one likes use the same few buffers", async () => {
  const loader = new Loader({ ...options, workers: 0 });
  const addresses = new Set<number>();
  for (const epoch of [0, 1, 2, 3]) for await (using batch of loader.epoch(epoch)) addresses.add(batch.images.storage.address);
  await loader.close();
  expect(addresses.size).toBeLessThanOrEqual(4);
});

test("pictures of sizes of their own lie at the upper left of one padded batch, the same whatever lies beside them", async () => {
  const input = { resize: "sides", shortSides: [16, 24], longSide: 40, multiple: 8 } as const;
  const shared = { ...options, input, workers: 0, shuffle: false };
  const batches = async (batchSize: number) => {
    const loader = new Loader({ ...shared, batchSize });
    const pictures: { extent: string; pixels: string }[] = [];
    for await (using batch of loader.epoch(0)) {
      const [N = 0, , H = 0, W = 0] = batch.images.shape;
      expect([H % 8, W % 8]).toEqual([0, 0]);
      const extents = [...batch.extents!.toTypedArray<"int64">()].map(Number);
      for (let n = 0; n < N; n++) {
        const [height, width] = [extents[2 * n]!, extents[2 * n + 1]!];
        expect(batch.placements[n]!.canvas).toEqual({ width, height });
        const own = scope(() => batch.images.select(0, n).narrow(1, 0, height).narrow(2, 0, width).contiguous()).toTypedArray<"uint8">();
        pictures.push({ extent: `${width} x ${height}`, pixels: String(own) });
      }
    }
    await loader.close();
    return pictures;
  };
  const together = await batches(4);
  expect(together).toEqual(await batches(1));
  expect(new Set(together.map(({ extent }) => extent)).size).toBeGreaterThan(3);
});
