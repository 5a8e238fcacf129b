import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as fc from "fast-check";

import { isOverfull, isPlain, readTraits, signsOfText } from "../src/scan/first-pass.ts";
import type { Form } from "../src/signatures/signature.ts";
import { pairPlace, Triggers } from "../src/signatures/triggers.ts";
import { Trait } from "../src/text/trait.ts";

const has = (text: string, trait: number): boolean => (readTraits(text) & trait) !== 0;

describe("the first pass", () => {
  const questions = [
    "What is the capital of France?",
    "Don't the boys (and girls) go home, then?",
    "It is 5 in the morning. Who's there? Nobody!",
    "List three reasons: cost, time, and quality.",
    "Größe und Gewicht, bitte",
  ];
  for (const question of questions)
    test(`sees nothing to look at in ${question}`, () => assert.ok(isPlain(readTraits(question) & ~Trait.forms)));

  const traits: readonly (readonly [text: string, trait: keyof typeof Trait, without: string])[] = [
    ["a 'b' c", "quote", "a b's c"],
    ['a "b', "quote", "a b"],
    ["f(x)", "call", "f (as said)"],
    ["a) b", "call", "(a) b"],
    ["a; b", "semicolon", "a, b"],
    ["a -- b", "comment", "a - b"],
    ["a /* b", "comment", "a / b"],
    ["# a", "comment", "No a"],
    ["a <b", "angle", "a b"],
    ["a | b", "shell", "a b"],
    ["a\nb", "newline", "a b"],
    ["../a", "dots", "./a"],
    ["%2e", "dots", "2e"],
    ["a{b", "brace", "a b"],
    ["$a", "dollar", "a"],
    ["a union b", "sqlWord", "a onion b"],
    ["a or 1", "sqlWord", "a or b"],
    ["drop it; go", "sqlWord", "drop it, go"],
    ["document.a", "scriptWord", "document a"],
    ["php://a", "codeWord", "php a"],
    ["http://a", "addressWord", "http a"],
    ["\uff07", "wide", "é"],
    ["a\\b", "backslash", "a b"],
    ["{{config}}", "templateWord", "{{name}}"],
  ];
  for (const [text, trait, without] of traits) {
    test(`${trait}: ${JSON.stringify(text)} and not ${JSON.stringify(without)}`, () => {
      assert.ok(has(text, Trait[trait]));
      assert.ok(!has(without, Trait[trait]));
    });
  }

  test("a word counts whatever its case, and only as a whole", () => {
    assert.ok(has("x UnIoN y", Trait.sqlWord));
    assert.ok(!has("x reunion y unions", Trait.sqlWord));
    assert.ok(has("x_union y", Trait.sqlWord));
  });

  test("the places of signs come in order and are those of the last text", () => {
    readTraits("a 'b' <c>; `d`");
    assert.deepEqual([...signsOfText()], [2, 4, 6, 8, 9, 11, 13]);
    readTraits("a");
    assert.equal(signsOfText().length, 0);
  });

  test("any text can be read, and the signs are where they are said to be", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        readTraits(text);
        for (const at of signsOfText()) assert.ok("'\"`;|&\n\r$<>{}[#*@".includes(text.charAt(at)));
      }),
    );
  });

  test("a text with too many places says so and holds no more of them", () => {
    assert.ok(has(">".repeat(60_000), Trait.forms));
    assert.equal(signsOfText().length, 50_000);
    assert.ok(isOverfull());
    readTraits("a > b");
    assert.ok(!isOverfull());
  });
});

describe("triggers", () => {
  const form = (id: string, on: string): Form => [id, 7, on, /x/];
  const tried = (triggers: Triggers, first: string, second: string): string[] => {
    const trigger = triggers.pairs[pairPlace(first.charCodeAt(0), second.charCodeAt(0))] ?? 0;
    return triggers.list[trigger]?.forms.map(({ rule }) => rule) ?? [];
  };

  test("a pair of signs may name a letter, a digit or a space as its second", () => {
    const triggers = new Triggers([form("code/letter", "$A"), form("code/digit", "$0"), form("code/space", "$S"), form("code/sign", "$_")]);
    assert.deepEqual(tried(triggers, "$", "q"), ["letter"]);
    assert.deepEqual(tried(triggers, "$", "Q"), ["letter"]);
    assert.deepEqual(tried(triggers, "$", "7"), ["digit"]);
    assert.deepEqual(tried(triggers, "$", "\t"), ["space"]);
    assert.deepEqual(tried(triggers, "$", "_"), ["sign"]);
    assert.deepEqual(tried(triggers, "%", "q"), []);
  });

  test("a single sign is tried whatever follows", () => {
    const triggers = new Triggers([form("code/any", "~"), form("http/break", "CR")]);
    for (const next of ["a", "7", " ", "~", "\u0000"]) assert.deepEqual(tried(triggers, "~", next), ["any"]);
    assert.deepEqual(tried(triggers, "\r", "\n"), ["break"]);
  });

  test("several forms may wait for the same trigger", () => {
    const triggers = new Triggers([form("code/one", "$A"), form("cmdi/two", "$A $0")]);
    assert.deepEqual(tried(triggers, "$", "a"), ["one", "two"]);
    assert.deepEqual(tried(triggers, "$", "1"), ["two"]);
  });
});
