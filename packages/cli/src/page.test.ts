import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { boxIou, type PictureRecord } from "@singleshot/vision";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromium, type Started, serving, singleshot, temporaryFolder, withOrientation, writeTinyModel } from "./testing/index.js";

const photograph = (number: string) =>
  fileURLToPath(new URL(`../../../examples/bccd/JPEGImages/BloodImage_${number}.jpg`, import.meta.url));
const RULES = ["--top-k", "12"];

describe.skipIf(!chromium)(
  `the page in Chromium${chromium ? "" : " (skipped: none is installed, and SINGLESHOT_CHROMIUM names none)"}`,
  () => {
    const cwd = temporaryFolder();
    const files = ["00068.jpg", "00031.jpg", "turned.jpg"];
    const complaints: string[] = [];
    let server: Started;
    let browser: Browser;
    let page: Page;
    let predicted: PictureRecord[];

    beforeAll(async () => {
      await writeTinyModel(join(cwd, "tiny.pth"));
      for (const number of ["00068", "00031"]) copyFileSync(photograph(number), join(cwd, `${number}.jpg`));
      writeFileSync(join(cwd, "turned.jpg"), withOrientation(readFileSync(photograph("00136")), 6));
      const { stdout } = await singleshot(["predict", "tiny.pth", ...files, "--score", "0.05", ...RULES, "--json"], { cwd });
      predicted = JSON.parse(stdout).images;
      const serve = await serving(["tiny.pth", ...RULES], { cwd });
      server = serve.server;
      const camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
      browser = await puppeteer.launch({ executablePath: chromium!, args: ["--no-sandbox", ...camera], protocolTimeout: 120_000 });
      page = await browser.newPage();
      page.setDefaultTimeout(60_000); // on a busy machine
      page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(String(error)));
      await page.goto(serve.url);
      await says(/^Ready\.$/);
    }, 120_000);

    afterAll(async () => {
      await browser?.close();
      server?.child.kill("SIGTERM");
    });

    const text = (selector: string) => page.evaluate(`document.querySelector("${selector}").textContent`) as Promise<string>;
    const attribute = (selector: string, name: string) => page.evaluate(`document.querySelector("${selector}").getAttribute("${name}")`);
    const says = (expected: RegExp) => page.waitForFunction(`${expected}.test(document.getElementById("status").textContent)`);
    const slideTo = (score: number) =>
      page.evaluate(`(() => {
      const slider = document.getElementById("score");
      slider.value = "${score}";
      slider.dispatchEvent(new Event("input"));
    })()`);

    /** While pictures come the page moves under the mouse, which may miss. */
    async function switchCamera(pressed: "true" | "false"): Promise<void> {
      for (let attempt = 0; attempt < 5 && (await attribute("#camera", "aria-pressed")) !== pressed; attempt++) await page.click("#camera");
    }

    const saysNothing = () => page.evaluate('document.getElementById("status").textContent = ""');

    async function choose(file: string): Promise<void> {
      await saysNothing();
      const input = (await page.$("#file")) as unknown as { uploadFile(path: string): Promise<void> };
      await input.uploadFile(join(cwd, file));
    }

    /** The rows of its table: label, score, box. */
    const shown = () =>
      page.evaluate(
        'Array.from(document.querySelectorAll("#boxes tr"), (row) => Array.from(row.cells, (cell) => cell.textContent))',
      ) as Promise<string[][]>;

    test.each([
      ["server", / ms on the server/],
      ["browser", / ms in this browser/],
    ])("computed in the %s, it shows the boxes of `predict`", async (place, expected) => {
      await page.click(`input[value=${place}]`);
      await says(/^Ready\.$| ms /);
      await slideTo(0.05);
      for (const { file, detections } of predicted) {
        await choose(file);
        await says(expected);
        const rows = await shown();
        expect([file, rows.map(([label]) => label)]).toEqual([file, detections.map(({ label }) => label)]);
        for (const [k, [, score, ...box]] of rows.entries()) {
          expect(boxIou(Float32Array.from(box, Number), Float32Array.from(detections[k]!.box))[0]).toBeGreaterThan(0.99);
          expect(Math.abs(Number(score) - detections[k]!.score)).toBeLessThan(1e-3);
        }
      }
    });

    test("it says which backend it got, with how many threads, and why", async () => {
      expect(await text("#browser-backend")).toMatch(/^WebAssembly, \d threads?, the page is isolated and the machine has \d+ cores?/);
      expect(await text("#server-backend")).toMatch(/^(libtorch|onnxruntime): \d+ ms a picture here, (libtorch|onnxruntime) \d+$/);
    });

    test("what it shows is told to those who do not see it, and hidden below the slider", async () => {
      expect(await attribute("#picture", "aria-label")).toMatch(/^Picture with 12 objects: \d+ (bolt|nut)/);
      await slideTo(0.95);
      expect([await text("#count"), await text("#score-value")]).toEqual(["No objects", "0.95"]);
    });

    test("a file that is no picture is refused in a sentence", async () => {
      writeFileSync(join(cwd, "text.jpg"), "not a picture");
      await page.click("input[value=server]");
      await choose("text.jpg");
      await page.waitForSelector("#status.problem");
      expect(await text("#status")).toBe("This file is no picture that the browser can read.");
    });

    test.each([
      ["server", / ms on the server/],
      ["browser", / ms in this browser/],
    ])("computed in the %s, the camera shows boxes until it is switched off", async (place, expected) => {
      await page.click(`input[value=${place}]`);
      await slideTo(0.05);
      await saysNothing();
      await switchCamera("true");
      await says(expected);
      expect([await attribute("#camera", "aria-pressed"), (await shown()).length > 0]).toEqual(["true", true]);
      await switchCamera("false");
      expect(await attribute("#camera", "aria-pressed")).toBe("false");
    });

    test("nothing was refused by its policy, and nothing failed", () => {
      expect(complaints).toEqual([]);
    });
  },
);
