import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { forEachHost } from "@aivillage/testing";
import * as fc from "fast-check";

import { cleanDocument } from "../src/clean/clean-document.ts";
import { cleanText } from "../src/clean/clean-text.ts";
import { type CleanSteps, sanitizeInput } from "../src/index.ts";
import { KeywordMarks } from "../src/schema/keyword-marks.ts";
import { asJson, assertProblem, attach, echoInput, post, send } from "./problem-app.ts";

describe("each step does one thing", () => {
  const cases: readonly (readonly [CleanSteps, string, string])[] = [
    [{ trim: true }, "  a b \n", "a b"],
    [{ unicode: "NFC" }, "e\u0301 \ufb01", "\u00e9 \ufb01"],
    [{ unicode: "NFKC" }, "\ufb01\uff11", "fi1"],
    [{ control: "remove" }, "a\u0007b\tc\nd\u0085e", "ab\tc\nde"],
    [{ bidi: "remove" }, "a\u202eb\u2066c\u200bd", "abcd"],
    [{ html: "text" }, "<p>Tom &amp; <b>Ann</b><p>1 &lt; 2<script>x()</script><br>end<!-- c -->", "\nTom & Ann\n1 < 2\nend\n"],
    [{ html: "text", trim: true }, "<style>a{}</style> <i>x</i> ", "x"],
    [{ html: "text" }, "a < b & c > d", "a < b & c > d"],
    [{ html: "text" }, " a \t\n \n\tb  c<p> d ", " a\nb  c\nd\n"],
  ];
  for (const [steps, given, cleaned] of cases) {
    test(`${JSON.stringify(steps)} ${JSON.stringify(given)}`, () => assert.equal(cleanText(given, steps), cleaned));
  }
});

test("a million blanks in a row are text like any other", () => {
  const blanks = " \t".repeat(500_000);
  assert.equal(cleanText(`a${blanks}b${blanks}<br>${blanks}c`, { html: "text" }), `a${blanks}b\nc`);
});

test("a hundred thousand elements that nothing closes, and end tags that close nothing, are cleaned like any other text", () => {
  const [open, blocks, ends] = ["<b>", "<div>", "</p>"].map((tag) => tag.repeat(100_000));
  assert.equal(cleanText(`x${open}y${ends}z`, { html: "text" }), "xy\nz");
  assert.equal(cleanText(`x${blocks}y${ends}z</i>`, { html: "text" }), "x\ny\nz\n");
});

test("what is no text of the page is left out up to its end tag", () => {
  const cases: readonly (readonly [html: string, text: string])[] = [
    ["a<object><object>b</object>c</object>d", "ad"],
    ["<div>a<template><div>b</div></template>c</div>d", "\na\nc\nd"],
    ["a<svg/>b<SVG><text>c</text></SVG>d", "abd"],
    ["a<svg><![CDATA[</svg>]]>b</svg>c<![CDATA[d]]>e", "ace"],
    ["<p>a<p>b</p>c<li>d", "\na\nb\nc\nd\n"],
    ["a</div>b</br>c</p>d</svg>e", "ab\nc\nde"],
    ["<title>a</title><b title='<p>'>c</b>&#x1F600;", "c\u{1F600}"],
  ];
  for (const [html, text] of cases) assert.equal(cleanText(html, { html: "text" }), text, html);
});

test("HTML of any kind becomes text without script and without an error", () => {
  const part = fc.constantFrom(
    "<",
    ">",
    "</",
    "<script>",
    "</script>",
    "<p>",
    "&lt;",
    "&amp;",
    "<!--",
    "-->",
    '"',
    "x",
    " ",
    "<![CDATA[",
    "]]>",
    "=",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      const text = cleanText(`${parts.join("")}</script></script><script>prompt(4)</script>`, { html: "text" });
      assert.ok(typeof text === "string");
    }),
    { numRuns: 500 },
  );
});

const body = {
  type: "object",
  additionalProperties: false,
  properties: {
    name: { type: "string", minLength: 2, maxLength: 5, clean: { trim: true, unicode: "NFC" } },
    bio: { type: "string", screen: "prose", clean: { html: "text", trim: true } },
    list: { type: "array", items: { type: "string", clean: { trim: true } } },
    kept: { type: "string" },
  },
};

forEachHost((host) => {
  test("the cleaned text is what is valid, what is screened and what the handler sees", async () => {
    const response = await post(host, { body }, { name: "  Ann  ", bio: "<p>Hi &amp; bye</p>", list: [" a", "b "], kept: " c " });
    assert.deepEqual(response.json.body, { name: "Ann", bio: "Hi & bye", list: ["a", "b"], kept: " c " });
    assertProblem(await post(host, { body }, { name: "  A  " }), 422, "invalid-input");
    assertProblem(await post(host, { body }, { bio: "&lt;img src=x onerror=prompt(4)&gt;" }), 422, "input-refused");
    assert.equal((await post(host, { body }, { bio: "<b onclick=prompt(4)>Hi</b>" })).status, 200);
  });

  test("what another parser has left in req.body stays as it was", async () => {
    const parsed = { name: "  Ann  ", list: [" a"] };
    await using app = await host.serve([attach({ body: parsed }), sanitizeInput({ body }), echoInput], asJson);
    const init = { method: "POST", body: "{}", headers: { "Content-Type": "application/json" } };
    const response = (await (await fetch(app.url, init)).json()) as { body: unknown };
    assert.deepEqual(response.body, { name: "Ann", list: ["a"] });
    assert.deepEqual(parsed, { name: "  Ann  ", list: [" a"] });
  });

  test("parameters of the query are cleaned like the body", async () => {
    const query = { type: "object", properties: { tag: { type: "string", clean: { trim: true, control: "remove" } } } };
    assert.deepEqual((await send(host, { query }, "/?tag=%20a%07b%20")).json.query, { tag: "ab" });
  });

  test("a body that is one string is cleaned", async () => {
    const text = { type: "string", clean: { trim: true } };
    assert.equal((await post(host, { body: text }, '" a "')).json.body, "a");
  });

  test("steps come in one order, whatever order they are written in", async () => {
    const clean = { trim: true, bidi: "remove", control: "remove", unicode: "NFKC", html: "text" } as const;
    const text = { type: "string", screen: { off: "is about cleaning" }, clean };
    const response = await post(host, { body: text }, JSON.stringify(" <p>&#7;\u202e\u00a0\ufb01&nbsp;</p> "));
    assert.equal(response.json.body, "fi");
  });

  test("limits and characters apply to the text as sent, the schema against what is left", async () => {
    const text = { type: "string", maxLength: 3, clean: { trim: true, control: "remove" } };
    assert.equal((await post(host, { body: text, limits: { stringLength: 9 } }, '"      abc"')).status, 200);
    assertProblem(await post(host, { body: text, limits: { stringLength: 8 } }, '"      abc"'), 422, "input-too-complex");
    assertProblem(await post(host, { body: text }, '"abcd "'), 422, "invalid-input");
    assertProblem(await post(host, { body: text }, String.raw`"a\u0000"`), 400, "malformed-input");
  });

  test("an attack that shows after cleaning only is found", async () => {
    const text = { type: "string", clean: { bidi: "remove", unicode: "NFKC" } };
    assertProblem(await post(host, { body: text }, '"\u200b.\u200b./.\u200b./.\u200b./et\u200bc/passwd"'), 422, "input-refused");
  });

  test("several schemas on one string do every step of each", async () => {
    const both = {
      type: "string",
      allOf: [
        { type: "string", clean: { trim: true } },
        { type: "string", clean: { unicode: "NFC" } },
      ],
    };
    assert.equal((await post(host, { body: both }, '" e\u0301 "')).json.body, "\u00e9");
  });

  test("prose without the keyword comes through as it was sent", async () => {
    const prose = { type: "string", screen: "prose" };
    const text = "  <b>Why</b> is \u202eAmen\u202c here?\r\n\tcafe\u0301 ";
    assert.equal((await post(host, { body: prose }, JSON.stringify(text))).json.body, text);
  });
});

test("a document in which nothing changes is the same object, and what changes is copied along its path only", () => {
  const marks = new KeywordMarks();
  const document = { a: { b: " x " }, c: { d: "y" } };
  assert.equal(cleanDocument(document, marks), document);
  marks.clean.set(document.c, "d", { trim: true });
  assert.equal(cleanDocument(document, marks), document);
  marks.clean.set(document.a, "b", { trim: true });
  const cleaned = cleanDocument(document, marks) as typeof document;
  assert.deepEqual(cleaned, { a: { b: "x" }, c: { d: "y" } });
  assert.equal(cleaned.c, document.c);
  assert.equal(document.a.b, " x ");
});

test("cleaning twice changes nothing more", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (text) => {
      const steps: CleanSteps = { unicode: "NFKC", control: "remove", bidi: "remove", trim: true };
      const once = cleanText(text, steps);
      assert.equal(cleanText(once, steps), once);
      assert.ok(once.isWellFormed());
    }),
    { numRuns: 1_000 },
  );
});
