import { join } from "node:path";
import { InputError } from "@singleshot/base";
import { describe, expect, test } from "vitest";
import type { FormatName } from "./format-names.js";
import { readDataset } from "./read.js";
import { digest, expectUsable, type Files, jpeg, scratchFolder, summary, writeFiles } from "./testing/index.js";

const scratch = scratchFolder();

/** A data set of two pictures, a.jpg and b.jpg, in which the first file is another. */
interface Layout {
  kind: FormatName;
  /** the file that is hostile */
  file: string;
  /** a good one in its place, for the control */
  good: string;
  beside: Files;
}

const pictures = (folder: string): Files => ({ [`${folder}/a.jpg`]: jpeg, [`${folder}/b.jpg`]: jpeg });
const xmlBox = (values: readonly (string | number)[], name = "cat") =>
  `<object><name>${name}</name><bndbox>${["xmin", "ymin", "xmax", "ymax"].map((key, i) => `<${key}>${values[i]}</${key}>`).join("")}</bndbox></object>`;
const xml = (inner: string, head = "") => `${head}<annotation><filename>a.jpg</filename>${inner}</annotation>`;
const goodXml = xml(xmlBox([1, 2, 30, 40]));
const json = (change: object = {}, annotation: object = {}, image: object = {}) =>
  JSON.stringify({
    images: [{ id: 1, file_name: "a.jpg", width: 100, height: 80, ...image }],
    annotations: [{ id: 1, image_id: 1, category_id: 1, bbox: [1, 2, 3, 4], ...annotation }],
    categories: [{ id: 1, name: "cat" }],
    ...change,
  });
const csvHead = "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,ClassName\n";
const csvRow = (id: string, numbers = "0.1,0.5,0.25,0.75", name = "cat") => `${id},x,/m/1,1,${numbers},0,0,0,${name}\n`;
const yaml = "path: .\ntrain: images/train\nnames: [cat, dog]\n";

const LAYOUTS = {
  xml: { kind: "voc", file: "Annotations/a.xml", good: goodXml, beside: { ...pictures("JPEGImages"), "Annotations/b.xml": goodXml } },
  json: { kind: "coco", file: "annotations/instances_train.json", good: json(), beside: pictures("train") },
  csv: { kind: "openimages", file: "sub-train-annotations-bbox.csv", good: csvHead + csvRow("a"), beside: pictures("train") },
  list: { kind: "list", file: "train.txt", good: "a.jpg 1 2 30 40 1\n", beside: { ...pictures("images"), "labels.txt": "cat\n" } },
  labels: {
    kind: "yolo",
    file: "labels/train/a.txt",
    good: "0 0.5 0.5 0.2 0.2\n",
    beside: { ...pictures("images/train"), "data.yaml": yaml },
  },
  yaml: {
    kind: "yolo",
    file: "data.yaml",
    good: yaml,
    beside: { ...pictures("images/train"), "labels/train/a.txt": "0 0.5 0.5 0.2 0.2\n" },
  },
} satisfies Record<string, Layout>;

type Row = [name: string, layout: keyof typeof LAYOUTS, content: () => string | Uint8Array, said: RegExp];

let folders = 0;
async function read(layout: Layout, content: string | Uint8Array) {
  const root = writeFiles(join(scratch, `${folders++}`), { ...layout.beside, [layout.file]: content });
  const before = { files: digest(root), cpu: process.cpuUsage(), rss: process.memoryUsage.rss() };
  const dataset = await readDataset(root, { format: layout.kind }).catch((error: Error) => error);
  expect(process.cpuUsage(before.cpu).user / 1e6).toBeLessThan(2);
  expect(process.memoryUsage.rss() - before.rss).toBeLessThan(500 * 2 ** 20);
  expect(digest(root)).toEqual(before.files);
  expect(Object.keys(Object.prototype)).toEqual([]);
  if (!(dataset instanceof Error)) for (const { imageFile } of dataset.entries) expect(imageFile.startsWith(root)).toBe(true);
  return dataset;
}

/** What is said of it: the one message, or the problems one below the other. */
function saidOf(dataset: Awaited<ReturnType<typeof read>>): string {
  if (!(dataset instanceof Error)) {
    expectUsable(dataset);
    return summary(dataset).join("\n");
  }
  expect(dataset).toBeInstanceOf(InputError);
  expect(dataset.message.length).toBeLessThan(2000);
  return dataset.message;
}

const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join("");
const numbers = (...values: (string | number)[]) => xml(xmlBox(values));

const XML: Row[] = [
  ["billion laughs", "xml", () => xml(xmlBox([1, 2, 3, 4], "&l9;"), `<!DOCTYPE a [<!ENTITY l0 "lol">${laughs}]>`), /undefined entity/],
  [
    "one long entity many times",
    "xml",
    () => xml("&x;".repeat(10_000), `<!DOCTYPE a [<!ENTITY x "${"x".repeat(100_000)}">]>`),
    /undefined entity/,
  ],
  [
    "an entity from a file",
    "xml",
    () => xml(xmlBox([1, 2, 3, 4], "&x;"), '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    /undefined entity/,
  ],
  [
    "200,000 elements in one another",
    "xml",
    () => `${"<a>".repeat(200_000)}${"</a>".repeat(200_000)}`,
    /more than 100 elements inside one another/,
  ],
  ["two roots", "xml", () => `${goodXml}${goodXml}`, /broken-annotation rejected/],
  ["no end", "xml", () => "<annotation><object>", /unclosed tag: object/],
  ["no element", "xml", () => "", /broken-annotation rejected/],
  ["a web page", "xml", () => "<!DOCTYPE html><html><br></html>", /broken-annotation rejected/],
  ["a zero byte", "xml", () => goodXml.replace("cat", "c\0t"), /disallowed character/],
  ["not the encoding that it names", "xml", () => Buffer.from(goodXml.replace("cat", "Kätzchen"), "latin1"), /not a text in utf-8/],
  ["an encoding that nobody knows", "xml", () => `<?xml version="1.0" encoding="utf-7"?>${goodXml}`, /utf-7/],
  ["40 MB", "xml", () => xml(" ".repeat(40 * 2 ** 20)), /longer than 32 MB/],
  ["a hexadecimal number", "xml", () => numbers("0x1", 2, 30, 40), /not-a-number rejected/],
  ["infinity in digits", "xml", () => numbers(1, 2, "1e999", 40), /rejected/],
  ["the word NaN", "xml", () => numbers(1, "NaN", 30, 40), /not-a-number rejected/],
  ["digits of another alphabet", "xml", () => numbers(1, 2, "３０", 40), /not-a-number rejected/],
  ["a decimal comma", "xml", () => numbers(1, 2, "30,5", 40), /not-a-number rejected/],
  ["a number that is a program", "xml", () => numbers(1, 2, "process.exit()", 40), /not-a-number rejected/],
  ["a box of no size", "xml", () => numbers(5, 5, 5, 5), /rejected/],
];

const inDepth = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const JSON_ROWS: Row[] = [
  ["200,000 lists in one another", "json", () => json().replace('"cat"', inDepth(200_000)), /category 1 is not used: it has no name/],
  ["an id that is not exact", "json", () => json().replace('"image_id":1', '"image_id":9007199254740993'), /too large to be exact/],
  ["a number without end", "json", () => json().replace("[1,2,3,4]", "[1,2,1e309,4]"), /not-a-number rejected/],
  ["a number of 100,000 digits", "json", () => json().replace("[1,2,3,4]", `[1,2,${"9".repeat(100_000)},4]`), /not-a-number rejected/],
  ["a prototype instead of a box", "json", () => json().replace('"bbox":[1,2,3,4]', '"__proto__":{"bbox":[1,2,3,4]}'), /rejected/],
  ["the word NaN", "json", () => json().replace("[1,2,3,4]", "[1,2,NaN,4]"), /not-a-number rejected/],
  ["a comment", "json", () => `// cats\n${json()}`, /instances_train\.json: this is not JSON\. /],
  ["a list", "json", () => "[]", /there is no list "images"/],
  ["null", "json", () => "null", /there is no list "images"/],
  ["lists that are objects", "json", () => json({ images: { length: 5 } }), /there is no list "images"/],
  ["rows that are no rows", "json", () => json({ annotations: [null, 3, "x", [], [[]]] }), /rejected/],
  ["a box of words", "json", () => json({}, { bbox: ["1", "2", "3", "4"] }), /rejected/],
  ["a box that is an object", "json", () => json({}, { bbox: { 0: 1, 1: 2, 2: 3, 3: 4, length: 4 } }), /rejected/],
  ["a box of three numbers", "json", () => json({}, { bbox: [1, 2, 3] }), /rejected/],
  ["a name with a way out", "json", () => json({}, {}, { file_name: "../../../../etc/passwd" }), /unsafe-path rejected/],
  ["an absolute name", "json", () => json({}, {}, { file_name: "/etc/passwd" }), /unsafe-path rejected/],
  ["a name of Windows", "json", () => json({}, {}, { file_name: "C:\\Windows\\win.ini" }), /unsafe-path rejected/],
  ["an address", "json", () => json({}, {}, { file_name: "https://example.org/a.jpg" }), /unsafe-path rejected/],
  ["a name with a zero byte", "json", () => json({}, {}, { file_name: "a.jpg\0.txt" }), /unsafe-path rejected/],
  ["a name that is a list", "json", () => json({}, {}, { file_name: ["a.jpg"] }), /rejected/],
  ["UTF-16", "json", () => Buffer.from(json(), "utf16le"), /instances_train\.json: this is not JSON\. /],
  ["a web page", "json", () => "<!DOCTYPE html>", /instances_train\.json: this is not JSON\. /],
  ["cut off", "json", () => json().slice(0, -20), /instances_train\.json: this is not JSON\. /],
];

const TABLES: Row[] = [
  ["a quote that is never closed", "csv", () => `${csvHead}"${csvRow("a").repeat(100_000)}`, /sub-train-annotations-bbox\.csv, line \d+: /],
  ["no header", "csv", () => csvRow("a"), /sub-train-annotations-bbox\.csv/],
  ["nothing", "csv", () => "", /sub-train-annotations-bbox\.csv/],
  ["a row of a million columns", "csv", () => `${csvHead}${",".repeat(1_000_000)}\n${csvRow("b")}`, /rejected/],
  ["semicolons", "csv", () => (csvHead + csvRow("a")).replaceAll(",", ";"), /sub-train-annotations-bbox\.csv/],
  ["a name with a way out", "csv", () => csvHead + csvRow("../../etc/passwd"), /rejected/],
  ["numbers as a program", "csv", () => csvHead + csvRow("a", "0.1,=1+1,0.25,0.75"), /rejected/],
  ["infinity", "csv", () => csvHead + csvRow("a", "0.1,1e999,0.25,0.75"), /rejected/],
  ["a name with a way out", "list", () => "b.jpg 1 2 30 40 1\n../../../etc/passwd 1 2 30 40 1\n", /unsafe-path rejected/],
  ["an absolute name", "list", () => "b.jpg 1 2 30 40 1\n/etc/passwd 1 2 30 40 1\n", /unsafe-path rejected/],
  ["four numbers where five belong", "list", () => "a.jpg 1 2 30 40\n", /rejected|fatal|line 1/],
  ["a class without end", "list", () => "a.jpg 1 2 30 40 999999999\n", /rejected/],
  ["a class before the first", "list", () => "a.jpg 1 2 30 40 -7\n", /rejected/],
  ["a line of a megabyte", "list", () => `a.jpg ${"1 ".repeat(2 ** 19)}\n`, /rejected/],
  ["a class that is no number", "labels", () => "__proto__ 0.5 0.5 0.2 0.2\n", /rejected/],
  ["numbers beyond the picture", "labels", () => "0 1e30 0.5 0.2 0.2\n", /rejected/],
  ["a box turned inside out", "labels", () => "0 0.5 0.5 -0.2 0.2\n", /rejected/],
  ["bytes that are no text", "labels", () => Uint8Array.of(0xff, 0xfe, 0, 1), /not a text in utf-8/],
];

/** What leads out of the folder, or would run, is not looked at. */
const NOTHING = /^$/;

const YAML: Row[] = [
  ["nested without end", "yaml", () => `names: ${"[".repeat(50_000)}`, /more than 20 things inside one another/],
  [
    "aliases of aliases",
    "yaml",
    () => `a: &a [x, x]\n${[..."bcdefghi"].map((c, i) => `${c}: &${c} [${`*${"abcdefgh"[i]}, `.repeat(9)}x]\n`).join("")}${yaml}`,
    /data\.yaml, line 1: not a YAML file that can be read: Excessive alias count/,
  ],
  ["a tag that would call Python", "yaml", () => `${yaml}x: !!python/object/apply:os.system ["touch pwned"]\n`, NOTHING],
  ["a tag that would call JavaScript", "yaml", () => `names: !!js/function "function () { return ['cat'] }"\n`, /data\.yaml/],
  ["names numbered without end", "yaml", () => "path: .\ntrain: images/train\nnames: {999999999: cat}\n", /unknown-class rejected/],
  ["names that are one word", "yaml", () => "path: .\ntrain: images/train\nnames: cat\n", /data\.yaml/],
  ["a path out", "yaml", () => "path: ../../../..\ntrain: etc\nnames: [cat]\n", NOTHING],
  ["an absolute path", "yaml", () => "path: /etc\ntrain: /etc\nnames: [cat]\n", NOTHING],
  ["100 kB", "yaml", () => `${yaml}${"#".repeat(100_000)}`, /longer than 64 kB/],
  ["tabs", "yaml", () => "names:\n\t- cat\n", /data\.yaml, line \d+: /],
];

describe.each([
  ["annotations in XML", XML],
  ["annotations in JSON", JSON_ROWS],
  ["tables and lists", TABLES],
  ["data.yaml", YAML],
] as const)("hostile %s", (_, rows) => {
  test.each(rows)("%s (%s)", async (_name, layout, content, said) => {
    expect(saidOf(await read(LAYOUTS[layout], content()))).toMatch(said);
  });
});

describe("good controls", () => {
  test.each(Object.keys(LAYOUTS) as (keyof typeof LAYOUTS)[])("%s", async (name) => {
    const dataset = await read(LAYOUTS[name], LAYOUTS[name].good);
    if (dataset instanceof Error) throw dataset;
    expectUsable(dataset);
    expect(dataset.entries.flatMap(({ labels }) => [...labels]).length).toBeGreaterThan(0);
    expect(dataset.problems.filter(({ action }) => action === "rejected")).toEqual([]);
  });
});
