import assert from "node:assert/strict";
import { test } from "node:test";

import { screen } from "../src/index.ts";
import { pieces } from "./adversarial.ts";
import { ruleCases } from "./rule-cases.ts";
import { findsTheSameTwice, judgesSlicesAlike, strictRefusesMore } from "./screening-properties.ts";

// What a text may cost is for cost.soak.ts to judge. Here a scan that grows with the square of a text shows as one that does not end.
test("a megabyte of what any rule looks at is read to its end", () => {
  for (const piece of ["a", "'", "<", "\uff07", "<a b='", "&#x3c;", "%2525", "..\\", "or 1=1 ", "((select ", "; ls ", "{{7*7}}"]) {
    assert.ok(Array.isArray(screen(piece.repeat(Math.ceil(1_000_000 / piece.length)), { profile: "strict" })), piece);
  }
});

test("what a rule finds is found in a long text of nothing else too", () => {
  for (const piece of [...Object.values(ruleCases).flatMap(({ attacks }) => attacks.slice(0, 1)), ...pieces]) {
    const text = piece.repeat(Math.ceil(2_000 / piece.length));
    for (const { span } of screen(text, { profile: "strict" })) assert.ok(span[0] >= 0 && span[1] <= text.length, piece);
  }
});

test("any text gives findings inside the text and never an error, twice the same", () => findsTheSameTwice(120));

test("what a rule refuses in prose, strict refuses too", () => strictRefusesMore(100));

test("a text from a slice of a larger one is judged like a separate text", () => judgesSlicesAlike(100));

test("a line that repeats is looked at once, and every sign of a line and every other line still is", () => {
  const found = (text: string): string[] => screen(text, { profile: "prose", judge: false }).map(({ rule }) => rule);
  assert.deepEqual(found("AT&T & whoami"), ["chained-command"]);
  for (const line of ["Java & Python\n", "a; b\n", "<style>\n"]) {
    assert.deepEqual(found(`${line.repeat(200)}x; cat /etc/passwd`).includes("chained-command"), true, line);
  }
  assert.ok(found(`${"<style>\n".repeat(200)}<style>@import '//evil.example/a.css'</style>`).includes("script-style"));
});
