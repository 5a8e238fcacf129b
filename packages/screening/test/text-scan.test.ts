import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as fc from "fast-check";

import { withScan } from "../src/scan/scan-pool.ts";
import { TextScan } from "../src/scan/text-scan.ts";
import { pairSlot, type Signature, Triggers } from "../src/signatures/triggers.ts";
import { Trait } from "../src/text/trait.ts";

const scan = new TextScan();
const has = (text: string, trait: number): boolean => (scan.read(text).traits & trait) !== 0;

describe("a scan", () => {
  const questions = [
    "What is the capital of France?",
    "Don't the boys (and girls) go home, then?",
    "It is 5 in the morning. Who's there? Nobody!",
    "List three reasons: cost, time, and quality.",
    "Größe und Gewicht, bitte",
  ];
  for (const question of questions)
    test(`sees nothing to look at in ${question}`, () => {
      scan.read(question).traits &= ~Trait.signatures;
      assert.ok(scan.isPlain);
    });

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

  test("the positions of signs come in order and are those of the last text", () => {
    scan.read("a 'b' <c>; `d`");
    assert.deepEqual([...scan.signs], [2, 4, 6, 8, 9, 11, 13]);
    scan.read("a");
    assert.equal(scan.signs.length, 0);
  });

  test("any text can be read, and the signs are where they are said to be", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        scan.read(text);
        for (const at of scan.signs) assert.ok("'\"`;|&\n\r$<>{}[#*@".includes(text.charAt(at)));
      }),
    );
  });

  test("a text with too many positions says so and holds no more of them", () => {
    assert.ok(has(">".repeat(60_000), Trait.signatures));
    assert.equal(scan.signs.length, 50_000);
    assert.ok(scan.isOverfull);
    scan.read("a > b");
    assert.ok(!scan.isOverfull);
  });
});

describe("a borrowed scan", () => {
  test("is reused by the next borrower, and starts again with what that one reads", () => {
    const first = withScan((borrowed) => borrowed.read("a 'b' <c>"));
    const second = withScan((borrowed) => borrowed.read("plain"));
    assert.equal(second, first);
    assert.deepEqual([second.signs.length, second.isPlain], [0, true]);
  });

  test("is another one while the first is in use", () => {
    withScan((outer) => {
      outer.read("a 'b'");
      withScan((inner) => assert.notEqual(inner.read("; ls"), outer));
      assert.deepEqual([...outer.signs], [2, 4]);
      assert.equal(outer.text, "a 'b'");
    });
  });

  test("is given back when its borrower throws, without the text", () => {
    let failed: TextScan | undefined;
    const fail = (borrowed: TextScan): never => {
      failed = borrowed.read("secret");
      throw new Error("x");
    };
    assert.throws(() => withScan(fail), /^Error: x$/);
    withScan((next) => assert.equal(next, failed));
    assert.equal(failed?.text, "");
  });
});

describe("triggers", () => {
  const signature = (id: string, on: string): Signature => [id, 7, on, /x/];
  const tried = (triggers: Triggers, first: string, second: string): string[] => {
    const trigger = triggers.pairs[pairSlot(first.charCodeAt(0), second.charCodeAt(0))] ?? 0;
    return triggers.list[trigger]?.signatures.map(({ rule }) => rule) ?? [];
  };

  test("a pair of signs may name a letter, a digit or a space as its second", () => {
    const triggers = new Triggers([
      signature("code/letter", "$A"),
      signature("code/digit", "$0"),
      signature("code/space", "$S"),
      signature("code/sign", "$_"),
    ]);
    assert.deepEqual(tried(triggers, "$", "q"), ["letter"]);
    assert.deepEqual(tried(triggers, "$", "Q"), ["letter"]);
    assert.deepEqual(tried(triggers, "$", "7"), ["digit"]);
    assert.deepEqual(tried(triggers, "$", "\t"), ["space"]);
    assert.deepEqual(tried(triggers, "$", "_"), ["sign"]);
    assert.deepEqual(tried(triggers, "%", "q"), []);
  });

  test("a single sign is tried whatever follows", () => {
    const triggers = new Triggers([signature("code/any", "~"), signature("http/break", "CR")]);
    for (const next of ["a", "7", " ", "~", "\u0000"]) assert.deepEqual(tried(triggers, "~", next), ["any"]);
    assert.deepEqual(tried(triggers, "\r", "\n"), ["break"]);
  });

  test("several signatures may wait for the same trigger", () => {
    const triggers = new Triggers([signature("code/one", "$A"), signature("cmdi/two", "$A $0")]);
    assert.deepEqual(tried(triggers, "$", "a"), ["one", "two"]);
    assert.deepEqual(tried(triggers, "$", "1"), ["two"]);
  });
});
