import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

import { screen, screeningRules } from "../src/index.ts";
import { ruleCases } from "./rule-cases.ts";

const known = new Set(screeningRules.map(({ id }) => id));
/** Told by the walk over keys, or by the budget a text takes; both have tests of their own. */
const elsewhere = (id: string): boolean => id === "pollution/forbidden-key" || id === "other/likeness" || id.endsWith("/too-many-signs");

test("every rule of the catalogue has its own id, class and description", () => {
  assert.equal(known.size, screeningRules.length);
  for (const { id, class: attackClass, rule, description } of screeningRules) {
    assert.equal(id, `${attackClass}/${rule}`);
    assert.ok(description.length > 3);
  }
});

test("every rule has cases, and every case is of a rule", () => {
  assert.deepEqual(
    screeningRules.map(({ id }) => id).filter((id) => !elsewhere(id) && ruleCases[id] === undefined),
    [],
  );
  assert.deepEqual(
    Object.keys(ruleCases).filter((id) => !known.has(id)),
    [],
  );
});

for (const [id, { attacks, innocent = [] }] of Object.entries(ruleCases)) {
  describe(id, () => {
    for (const attack of attacks) {
      test(`sees ${JSON.stringify(attack)}`, () => {
        const found = screen(attack, { profile: "strict" }).map((finding) => `${finding.class}/${finding.rule}`);
        assert.ok(found.includes(id), found.join(" "));
        for (const rule of found) assert.ok(known.has(rule), rule);
      });
    }
    for (const text of innocent) {
      test(`lets ${JSON.stringify(text)} pass as prose`, () => assert.deepEqual(screen(text, { profile: "prose" }), []));
    }
  });
}

describe("behind a question", () => {
  const questions = ["What is the capital of France?", "Tell me about Rome."];
  const texts = [
    "mia' or 'q'='q",
    "9 union select 4,5",
    "<img src=x onerror=prompt(4)>",
    "; cat /etc/hosts",
    "../../../../etc/passwd",
    "{{6*7}}",
  ];
  for (const question of questions) {
    for (const text of texts) {
      test(`${question} ${text}`, () => assert.notDeepEqual(screen(`${question} ${text}`, { profile: "prose" }), []));
    }
  }
});

describe("a mark as code lowers what is not certain", () => {
  for (const [plain, code] of [
    ["Here: <iframe src=/a></iframe>", "Here: `<iframe src=/a></iframe>`"],
    ["Try it. <svg width=1>", "Try it.\n```\n<svg width=1>\n```"],
  ] as const) {
    test(code, () => {
      assert.notDeepEqual(screen(plain, { profile: "prose" }), []);
      assert.deepEqual(screen(code, { profile: "prose" }), []);
    });
  }
  test("but a script stays a script", () => {
    assert.notDeepEqual(screen("`<img src=x onerror=prompt(4)>`", { profile: "prose" }), []);
  });
});

test("the values of an XML document are fields of their own", () => {
  const document = (value: string): string => `<?xml version="1.0"?><a b="${value}"><c>${value}</c></a>`;
  assert.deepEqual(screen(document("Rome"), { profile: "prose" }), []);
  assert.notDeepEqual(screen(document("java.lang.Runtime"), { profile: "prose" }), []);
  assert.notDeepEqual(screen(document("x&#39; or 1=1"), { profile: "prose" }), []);
});

test("a plus is a space where a form has written it, in a long text too", () => {
  const long = "It is a long story, told in many words. ".repeat(60);
  for (const text of ["7+or+8=8", "mia'+union+select+pin+from+staff", "<p+onclick=prompt(4)>"]) {
    assert.notDeepEqual(screen(`${long}${text} ${long}`, { profile: "prose", judge: false }), [], text);
  }
  assert.deepEqual(screen(`${long}one+two, x+1 and C++ ${long}`, { profile: "prose" }), []);
});

test("its own threshold decides what counts", () => {
  const text = "x <iframe src=/a></iframe>";
  const [finding] = screen(text, { profile: "prose" });
  assert.equal(finding?.score, 7);
  assert.deepEqual(screen(text, { profile: "prose", threshold: 8 }), []);
  assert.ok(screen("/etc/passwd", { profile: "prose", threshold: 5 }).length > 0);
});

test("a text of nothing but signs is refused for that, in little time", () => {
  for (const [piece, id] of [
    ["'' or ", "syntax/too-many-signs"],
    ["1 or 2 and 3 or 4 ", "sqli/too-many-signs"],
    ["b='; words ", "nosql/too-many-signs"],
    ["; ls x ", "cmdi/too-many-signs"],
  ] as const) {
    const found = screen(piece.repeat(11_000), { profile: "prose" }).map(({ class: attackClass, rule }) => `${attackClass}/${rule}`);
    assert.ok(found.includes(id), `${piece}: ${found.join(" ")}`);
  }
});

test("the page on rules lists every rule", () => {
  const page = readFileSync(new URL("../docs/rules.md", import.meta.url), "utf8");
  assert.deepEqual(
    screeningRules.map(({ id }) => id).filter((id) => !id.endsWith("/too-many-signs") && !page.includes(`| \`${id}\` `)),
    [],
  );
});
