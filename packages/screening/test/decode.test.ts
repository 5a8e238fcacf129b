import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as fc from "fast-check";

import { base64Values } from "../src/decode/base64-values.ts";
import { CharBuffer } from "../src/decode/char-buffer.ts";
import { decodeOnce } from "../src/decode/decode.ts";
import { xmlValues } from "../src/decode/xml-values.ts";
import { screen } from "../src/index.ts";

const room = new CharBuffer();
const undone = (text: string) => decodeOnce(text, room);

describe("one layer of encodings is undone", () => {
  const cases: readonly (readonly [text: string, decoded: string | undefined])[] = [
    ["plain text", undefined],
    ["100 % of it", undefined],
    ["R&D and Q&A", undefined],
    ["a\\b", undefined],
    ["%3Cb%3E", "<b>"],
    ["%253C", "%3C"],
    ["a+b%20c", "a b c"],
    ["a+b", undefined],
    ["%u0027", "'"],
    ["%c0%ae", "."],
    ["%e0%80%af", "/"],
    ["%E5%98%8A", "\n"],
    ["%zz", undefined],
    ["&lt;b&gt;", "<b>"],
    ["&lt;b&gt", "<b>"],
    ["&#60;&#x3C;&#0060", "<<<"],
    ["&colon;&lpar;&Tab;", ":(\t"],
    ["&unknown;", undefined],
    ["&#99999999999;", "\ufffd9;"],
    ["\\x3c\\u003c\\u{3c}\\74", "<<<\\74"],
    ["\\074", "<"],
    ["a\\nb", "a\nb"],
    ["\uff07\uff1c", "'<"],
    ["\u24d0\u24d1", "ab"],
    ["\u2460\u2462", "13"],
    ["a\u200bb", "ab"],
    ["\u2215\u2216", "/\\"],
  ];
  for (const [text, decoded] of cases) test(JSON.stringify(text), () => assert.equal(undone(text)?.text, decoded));

  test("controls in long texts are those of code and stay", () => {
    assert.equal(undone(`${"a".repeat(1_100)}\\n`), undefined);
  });

  test("of a long text, what is near to something decoded", () => {
    const layer = undone(`${"a ".repeat(3_000)}%3Cb%3E${" c".repeat(3_000)}`)?.text ?? "";
    assert.ok(layer.includes("a <b> c"));
    assert.ok(layer.length < 1_000);
    assert.ok(layer.startsWith("\n"), "what is cut off is on other lines, so that nothing seems to begin the text");
  });

  test("more escapes than an ordinary text has are not all undone, and the result says so", () => {
    assert.equal(undone("%41".repeat(33_000))?.isWhole, true);
    assert.equal(undone("%41".repeat(50_000))?.isWhole, false);
    const rules = screen("%41".repeat(50_000), { profile: "prose" }).map(({ rule }) => rule);
    assert.ok(rules.includes("too-many-signs"), rules.join(" "));
  });

  test("what is decoded near to each other stays together", () => {
    const layer = undone(`${"x ".repeat(3_000)}%3C${"y".repeat(300)}%3E${" z".repeat(3_000)}`)?.text ?? "";
    assert.ok(layer.includes(`<${"y".repeat(300)}>`));
  });

  test("a layer is never longer than the text by more than its cuts", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("%3c", "&#x41;", "\\u0041", "abc ", "\uff07", "&amp;"), { maxLength: 900 }), (parts) => {
        const text = parts.join("");
        assert.ok((undone(text)?.text ?? "").length <= text.length);
      }),
      { numRuns: 200 },
    );
  });
});

describe("base64", () => {
  const encoded = (text: string): string => Buffer.from(text).toString("base64");
  test("a readable text is a separate value, also after a name", () => {
    assert.deepEqual(base64Values(encoded("cat /etc/hosts")), ["cat /etc/hosts"]);
    assert.deepEqual(base64Values(`token=${encoded("cat /etc/hosts")}`), ["cat /etc/hosts"]);
  });
  test("bytes, words and fragments of a text are not values", () => {
    assert.deepEqual(base64Values(Buffer.from([0, 200, 7, 9, 250, 1, 2, 3, 4]).toString("base64")), []);
    assert.deepEqual(base64Values("international"), []);
    assert.deepEqual(base64Values(`see ${encoded("cat /etc/hosts")}`), []);
    assert.deepEqual(base64Values("short"), []);
  });
});

describe("values of XML", () => {
  test("attributes and texts, each once", () => {
    assert.deepEqual(xmlValues("<?xml version='1.0'?><a b=\"one\" c='two'>three<d>three</d></a>"), ["one", "two", "three"]);
  });
  test("nothing without a declaration, and nothing behind a broken one", () => {
    assert.deepEqual(xmlValues('<a b="one">two</a>'), []);
    assert.deepEqual(xmlValues("<?xml <a>two</a>"), []);
  });
  test("an open quote ends the search", () => {
    assert.deepEqual(xmlValues("<?xml ?><a b='one>two</a>"), []);
  });
  test("no more than 64", () => {
    const many = Array.from({ length: 200 }, (_, index) => `<a>value ${index}</a>`).join("");
    assert.equal(xmlValues(`<?xml ?>${many}`).length, 64);
  });
});
