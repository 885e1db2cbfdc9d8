import { expect, test } from "vitest";
import { elementsOf, outsideReferences, runningParts } from "./page.js";

test("elements with their attributes and texts", () => {
  const [p, b] = elementsOf('<!doctype html>\n<p title="a &lt; b">one &amp; <b class="x">two</b></p>\n');
  expect([p!.name, p!.attributes.get("title"), p!.text]).toEqual(["p", "a < b", "one & "]);
  expect([b!.name, b!.attributes.get("class"), b!.text]).toEqual(["b", "x", "two"]);
});

test.each([
  ["<p>", "<p> is never closed"],
  ["<p></b></p>", "</b> closes <p>"],
  ["<p>a < b</p>", "not escaped: a < b"],
  ["<p class=x>a</p>", "not escaped: <p class=x>a"],
  ["<p>&copy;</p>", "not an entity that is used here: &copy;"],
  ['<p id="a" id="b"></p>', 'an attribute is given twice: id="a" id="b"'],
  ["<p></p>more", "outside of everything: more"],
])("%s is refused", (page, message) => {
  expect(() => elementsOf(page)).toThrow(new Error(message));
});

test("references that lead out, and what would run", () => {
  const page =
    '<div><a href="#a">a</a><img src="data:,"/><a href="https://example.org/">b</a><i style="background:url(x.png)"></i><style>a > b { } @import "c";</style></div>';
  expect(outsideReferences(page)).toEqual(["https://example.org/", "url(x.png)", '@import "c"']);
  expect(runningParts('<p onclick="x"><script></script></p>')).toEqual(["onclick", "script"]);
});
