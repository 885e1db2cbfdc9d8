import { elementsOf, outsideReferences, runningParts } from "@singleshot/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { madeUpReport } from "../../testing/report-data.js";
import { comparePage } from "./compare-page.js";
import { html } from "./markup.js";
import { reportPage } from "./report-page.js";

const HOSTILE = `"><script src=https://evil.example/x.js></script><img src=x onerror=alert(1)>'\`</title></style>&amp;\u202e`;
const headings = (page: string) =>
  elementsOf(page)
    .filter(({ name }) => name === "h2")
    .map(({ text }) => text);
const ids = (page: string) => elementsOf(page).flatMap(({ attributes }) => attributes.get("id") ?? []);

describe("html", () => {
  test("whatever is put in is read, not obeyed", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constant(HOSTILE)), (text) => {
        const elements = elementsOf(html`<p title="${text}">${text}</p>`.markup);
        expect(elements).toHaveLength(1);
        expect(elements[0]!.attributes.get("title")).toBe(elements[0]!.text);
        if (/^[ -~]*$/.test(text)) expect(elements[0]!.text).toBe(text);
      }),
    );
  });

  test("lists are joined, nothing stays nothing, numbers are written, and its own pieces stay as they are", () => {
    expect(html`<p>${["a", false, null, undefined, 0, html`<b>${"<"}</b>`]}</p>`.markup).toBe("<p>a0<b>&lt;</b></p>");
  });

  test("controls and changes of direction are not passed on", () => {
    expect(html`${"a\u0000b\u202ec\nd\te\ud800"}`.markup).toBe("a\uFFFDb\uFFFDc\nd\te\uFFFD");
  });
});

describe("a report", () => {
  const page = reportPage(madeUpReport());

  test("has its parts in the order of the questions", () => {
    const titles = ["At a glance", "What goes wrong", "The worst pictures", "Class by class", "Training", "Data", "Anchors", "Settings"];
    expect(headings(page)).toEqual(titles);
  });

  test("runs nothing, fetches nothing and says so to the browser", () => {
    expect(outsideReferences(page)).toEqual([]);
    expect(runningParts(page)).toEqual([]);
    const policies = elementsOf(page).filter(({ attributes }) => attributes.get("http-equiv") === "Content-Security-Policy");
    expect(policies.map(({ attributes }) => attributes.get("content"))).toEqual([
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'",
    ]);
  });

  test("has no rows for labels that name nothing and mark nothing", () => {
    const report = madeUpReport();
    const { evaluation, data, classes } = report;
    const { metrics, curves, atScore, confusion, falseAlarms } = evaluation!;
    const hole = { ...metrics.classes[0]!, name: "N/A", ap: null, ap50: null, groundTruth: 0, detections: 0 };
    const withNone = (chart: typeof data.sizes) => ({ ...chart, counts: [...chart.counts, chart.counts[0]!.map(() => 0)] });
    const page = reportPage({
      ...report,
      classes: [...classes, "N/A"],
      data: {
        splits: data.splits.map((split) => ({ ...split, objects: [...split.objects, 0] })),
        ...{ sizes: withNone(data.sizes), aspects: withNone(data.aspects) },
      },
      evaluation: {
        ...evaluation!,
        metrics: { ...metrics, classes: [...metrics.classes, hole] },
        curves: [...curves, { name: "N/A", wanted: 0, points: [], best: undefined }],
        atScore: [...atScore, atScore[0]!],
        confusion: [...confusion.map((row) => [...row.slice(0, -1), 0, row.at(-1)!]), Array(classes.length + 2).fill(0)],
        falseAlarms: [...falseAlarms, 0],
      },
    });
    expect(page).toContain("bolt");
    expect(page.replace(/<div class="confusion">.*?<\/div>/s, "")).not.toContain("N/A"); // a square has all
  });

  test("every link leads to a place that is there once", () => {
    const targets = elementsOf(page).flatMap(({ name, attributes }) => (name === "a" ? [attributes.get("href")!.slice(1)] : []));
    expect(targets.filter((id) => ids(page).filter((other) => other === id).length !== 1)).toEqual([]);
    expect(new Set(ids(page)).size).toBe(ids(page).length);
  });

  test("says in words what every drawing shows, and lets the keyboard scroll what is wide", () => {
    const elements = elementsOf(page);
    for (const { attributes } of elements.filter(({ name }) => name === "svg")) expect(attributes.get("aria-label")).toMatch(/\w/);
    for (const { attributes } of elements.filter(({ attributes }) => attributes.get("class") === "scroll"))
      expect(attributes.get("tabindex")).toBe("0");
  });

  test("names of any kind are only names", () => {
    const hostile = reportPage(madeUpReport({ classes: [HOSTILE, "nut", "\u0000"], name: HOSTILE }));
    expect(outsideReferences(hostile)).toEqual([]);
    expect(runningParts(hostile)).toEqual([]);
    expect(elementsOf(hostile).find(({ name }) => name === "title")!.text).toBe(HOSTILE.replace("\u202e", "\uFFFD"));
  });

  test("of one class and of eighty", () => {
    expect(headings(reportPage(madeUpReport({ classes: ["one"] })))).toContain("Class by class");
    const many = reportPage(madeUpReport({ classes: Array.from({ length: 80 }, (_, i) => `class ${i}`) }));
    expect(elementsOf(many).map(({ text }) => text)).toContain("The curves are those of the 12 classes with most objects.");
    expect(elementsOf(many).map(({ text }) => text)).toContain("taken for");
    expect(many.length).toBeLessThan(1e6);
  });

  test("without a split to evaluate on it shows the rest", () => {
    const data = { ...madeUpReport(), evaluation: undefined, worst: [] };
    expect(headings(reportPage(data))).toEqual(["At a glance", "Training", "Data", "Anchors", "Settings"]);
    expect(elementsOf(reportPage(data)).map(({ text }) => text)).toContain(
      "There was no split to evaluate on, so how good it is stays unknown.",
    );
  });

  test("of a run that left no numbers", () => {
    expect(headings(reportPage({ ...madeUpReport(), metrics: { steps: [], evaluations: [] } }))).not.toContain("Training");
  });

  test("where nothing was detected there are dashes, not NaN", () => {
    const data = madeUpReport();
    const totals = { objects: 9, found: 0, answers: 0, right: 0 };
    const blind = reportPage({ ...data, evaluation: { ...data.evaluation!, totals } });
    expect(blind).not.toContain("NaN");
    expect(elementsOf(blind).map(({ text }) => text)).toContain("0 of 0 answers");
  });
});

test("a comparison stands alone too", () => {
  const { metrics } = madeUpReport();
  const run = { metrics, best: metrics.evaluations[0] };
  const page = comparePage({
    runs: [
      { name: HOSTILE, ...run },
      { name: "empty", metrics: { steps: [], evaluations: [] }, best: undefined },
    ],
    differences: [{ key: HOSTILE, values: [HOSTILE, null] }],
    classes: [{ name: HOSTILE, ap: [0.5, null] }],
  });
  expect([outsideReferences(page), runningParts(page)]).toEqual([[], []]);
  expect(headings(page)).toEqual(["Result", "Curves", "Class by class", "What differs"]);
});
