import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readDataset } from "../read.js";
import { expectConsistent, jpeg, messageOf, scratchFolder } from "../testing/index.js";
import { downloadFile, downloadOpenImages, type OpenImagesOptions } from "./index.js";

const scratch = scratchFolder();
const at = (name: string) => join(scratch, name);
const content = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 251));
const sha256 = createHash("sha256").update(content).digest("hex");

/** What was asked for: `path`, or `path from byte`. */
const asked: string[] = [];
type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const answers = new Map<string, Answer[]>();
const server = createServer((request, response) => {
  const range = /bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1];
  asked.push(range ? `${request.url} from ${range}` : request.url!);
  const queue = answers.get(request.url!) ?? [];
  const answer = queue.length > 1 ? queue.shift()! : queue[0];
  if (answer) answer(request, response);
  else response.writeHead(404).end("<html>not here</html>");
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const serve = (path: string, ...list: Answer[]) => void answers.set(path, list);
const status =
  (code: number): Answer =>
  (_, response) =>
    void response.writeHead(code).end("no");
/** The whole file, or the rest of it where that is asked for. */
const whole =
  (body: Uint8Array | string, etag = '"one"'): Answer =>
  (request, response) => {
    const bytes = Buffer.from(body);
    const from = request.headers["if-range"] === etag ? Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0) : 0;
    const headers = { etag, "content-length": bytes.length - from };
    if (from > 0) response.writeHead(206, { ...headers, "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` });
    else response.writeHead(200, headers);
    response.end(bytes.subarray(from));
  };
/** Ends in the middle of the file, as soon as so much of it has arrived. */
const cut =
  (body: Buffer, bytes: number, file: string): Answer =>
  (_, response) => {
    response.writeHead(200, { etag: '"one"', "content-length": body.length });
    const arrived = () => (statSync(`${file}.part`, { throwIfNoEntry: false })?.size ?? 0) >= bytes;
    const endSoon = () => (arrived() ? response.destroy() : setTimeout(endSoon, 5));
    response.write(body.subarray(0, bytes), endSoon);
  };
const quick = { retries: 3, waitMs: () => 1 };

describe("a file", () => {
  test("is fetched, its hash is checked, nothing else stays", async () => {
    serve("/plain", whole(content));
    await downloadFile(`${base}/plain`, at("plain/file"), { ...quick, sha256: sha256.toUpperCase() });
    expect(readFileSync(at("plain/file")).equals(content)).toBe(true);
    expect(readdirSync(at("plain"))).toEqual(["file"]);
  });

  test("is gone on with where the connection broke", async () => {
    serve("/cut", cut(content, 40_000, at("cut/file")), whole(content));
    asked.length = 0;
    await downloadFile(`${base}/cut`, at("cut/file"), { ...quick, sha256 });
    expect(asked).toEqual(["/cut", "/cut from 40000"]);
    expect(readFileSync(at("cut/file")).equals(content)).toBe(true);
  });

  test("begins again where the server has another one by now", async () => {
    serve("/changed", cut(Buffer.alloc(100_000), 40_000, at("changed/file")), whole(content, '"two"'));
    await downloadFile(`${base}/changed`, at("changed/file"), { ...quick, sha256 });
    expect(readFileSync(at("changed/file")).equals(content)).toBe(true);
  });

  test("is asked for again after 500, 429 and a broken connection", async () => {
    serve("/busy", status(500), status(429), (_, response) => void response.destroy(), whole(content));
    await downloadFile(`${base}/busy`, at("busy/file"), quick);
    expect(readFileSync(at("busy/file")).equals(content)).toBe(true);
  });

  test("is not asked for again after 404; attempts have an end; a silent server is given up", async () => {
    asked.length = 0;
    expect(await messageOf(downloadFile(`${base}/none`, at("none/file"), quick))).toBe(`the server answers 404 to ${base}/none`);
    expect(asked).toEqual(["/none"]);
    serve("/never", status(503));
    expect(await messageOf(downloadFile(`${base}/never`, at("never/file"), { ...quick, retries: 2 }))).toBe(
      `${base}/never could not be fetched in 3 attempts: the server answers 503. The same command goes on.`,
    );
    serve("/silent", () => {});
    expect(await messageOf(downloadFile(`${base}/silent`, at("silent/file"), { ...quick, retries: 0, silenceMs: 50 }))).toBe(
      `${base}/silent could not be fetched in 1 attempts: nothing came for 0.05 s. The same command goes on.`,
    );
  });

  test("with another content is refused and does not stay", async () => {
    const wrong: [name: string, body: Uint8Array][] = [
      ["flipped", content.map((byte, i) => (i === 500 ? byte ^ 1 : byte))],
      ["page of HTML", Buffer.from("<html>please log in</html>")],
      ["pointer of Git LFS", Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")],
      ["empty", Buffer.alloc(0)],
    ];
    for (const [name, body] of wrong) {
      const path = `/${name.replaceAll(" ", "-")}`;
      serve(path, whole(body));
      const found = createHash("sha256").update(body).digest("hex");
      expect(await messageOf(downloadFile(base + path, at(`${name}/file`), { ...quick, sha256 }))).toBe(
        `${base}${path} has another content than expected: its SHA-256 is ${found}. Check the address and the hash.`,
      );
      expect(readdirSync(at(name))).toEqual([]);
    }
  });

  test("ends when it is asked to", async () => {
    serve("/slow", () => {});
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 30);
    await expect(downloadFile(`${base}/slow`, at("slow/file"), { ...quick, signal: controller.signal })).rejects.toThrow("enough");
    expect(existsSync(at("slow/file"))).toBe(false);
  });
});

const HEADER = "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside";
const row = (id: string, label: string, { box = "0.1,0.5,0.2,0.6", group = 0, depiction = 0 } = {}) =>
  `${id},xclick,/m/${label},1,${box},0,0,${group},${depiction},0`;

describe("Open Images", () => {
  const tables: Record<string, string[]> = {
    train: [
      ...["a", "b", "c", "d", "e", "f"].map((id) => row(id, "apple")),
      row("a", "pear"),
      row("drawn", "apple", { depiction: 1 }),
      row("g", "apple", { box: "0,1,0,1", group: 1 }),
      row("g", "apple"),
      row("g", "pear"),
      row("h", "car"),
      row("../../evil", "apple"),
      row("gone", "pear"),
      row("html", "pear"),
    ],
    validation: [row("v", "apple"), row("w", "apple")],
    test: [row("t", "pear")],
  };
  serve("/class-descriptions-boxable.csv", whole('/m/apple,Apple\n/m/pear,Pear\n/m/car,"Car, new"\n'));
  for (const [split, rows] of Object.entries(tables)) {
    serve(`/${split}/${split}-annotations-bbox.csv`, whole(`${[HEADER, ...rows].join("\n")}\n`));
    for (const id of new Set(rows.map((text) => text.split(",")[0]!))) {
      if (id !== "gone") serve(`/${split}/${id}.jpg`, whole(id === "html" ? "<html></html>" : jpeg));
    }
  }
  const options: OpenImagesOptions = { classNames: ["apple", "PEAR"], source: { tables: base, pictures: base }, workers: 3, ...quick };

  test("some classes, as jetson's downloader lays them out; what is missing is named; what is there stays", async () => {
    const root = at("open images");
    const { splits, failed } = await downloadOpenImages(root, options);
    expect(splits).toEqual([
      { split: "train", images: 9, boxes: 12, classes: { Apple: 8, Pear: 4 } },
      { split: "validation", images: 2, boxes: 2, classes: { Apple: 2 } },
      { split: "test", images: 1, boxes: 1, classes: { Pear: 1 } },
    ]);
    expect(failed).toEqual([
      { file: "train/gone.jpg", reason: "the server answers 404" },
      { file: "train/html.jpg", reason: "not a picture of a format that is read (jpeg, png, gif, webp, tiff, bmp)" },
    ]);
    const dataset = await readDataset(root, { split: "train" });
    expectConsistent(dataset);
    expect([dataset.classes, dataset.counts.images]).toEqual([
      ["Apple", "Pear"],
      { found: 9, ok: 7, background: 0, repaired: 0, rejected: 2 },
    ]);
    asked.length = 0;
    await downloadOpenImages(root, options);
    expect(asked.sort()).toEqual(["/train/gone.jpg", "/train/html.jpg"]);
    expect(existsSync(at("evil.jpg"))).toBe(false);
  });

  test("counts alone; drawings, too; without what lies in groups; a share of pictures and of boxes", async () => {
    const count = async (more: Partial<OpenImagesOptions>) => {
      const { splits } = await downloadOpenImages(at("counts"), { ...options, statsOnly: true, ...more });
      return splits.map(({ images, boxes }) => `${images}/${boxes}`);
    };
    expect(await count({})).toEqual(["9/12", "2/2", "1/1"]);
    expect(readdirSync(at("counts")).filter((name) => !name.includes("annotations-bbox") && !name.startsWith("class-"))).toEqual([]);
    expect(await count({ includeDepiction: true })).toEqual(["10/13", "2/2", "1/1"]);
    expect(await count({ removeOverlapped: true })).toEqual(["9/11", "2/2", "1/1"]);
    expect(await count({ maxAnnotationsPerClass: 1 })).toEqual([expect.stringMatching(/^[12]\/2$/), "1/1", "1/1"]);
    const few = await count({ maxImages: 6 });
    expect(few.map((text) => text.split("/")[0])).toEqual(["4", "1", "0"]);
    expect(await count({ maxImages: 6 })).toEqual(few);
  });

  test("a class that there is none of", async () => {
    expect(await messageOf(downloadOpenImages(at("unknown"), { ...options, classNames: ["aple"] }))).toBe(
      "no class is called aple. Did you mean Apple?",
    );
  });

  test("a table that was half fetched is gone on with", async () => {
    const root = at("half");
    mkdirSync(root);
    const text = Buffer.from(`${[HEADER, ...tables.train!].join("\n")}\n`);
    writeFileSync(join(root, "train-annotations-bbox.csv.part"), text.subarray(0, 100));
    writeFileSync(join(root, "train-annotations-bbox.csv.part.etag"), '"one"');
    asked.length = 0;
    await downloadOpenImages(root, { ...options, statsOnly: true });
    expect(asked).toContain("/train/train-annotations-bbox.csv from 100");
    expect(readFileSync(join(root, "train-annotations-bbox.csv")).equals(text)).toBe(true);
  });
});
