import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Budget } from "../src/budget.ts";
import { screen } from "../src/index.ts";
import { MatchSet } from "../src/match-set.ts";

/** What can be spent before it is said that nothing is left. */
function whole(length: number): number {
  const budget = new Budget(length);
  let spent = 0;
  while (budget.spend(1)) spent += 1;
  return spent;
}

const isRefused = (text: string): boolean => screen(text, { profile: "prose" }).length > 0;

describe("budget", () => {
  test("grows with the text, from enough for a short one to a limit for all", () => {
    assert.ok(whole(0) >= 500);
    assert.ok(whole(10_000) > whole(1_000));
    assert.equal(whole(1_000_000), whole(10_000_000));
  });

  test("is shared by all who spend it, and stays spent", () => {
    const budget = new Budget(0);
    const first = new MatchSet(budget);
    assert.ok(first.spend(3));
    assert.ok(!budget.isSpent);
    assert.ok(!first.spend(3, 1_000_000));
    assert.ok(budget.isSpent);
    assert.ok(!new MatchSet(budget).spend(3, 0.1));
  });

  test("that is spent is a match where it ended", () => {
    const matches = new MatchSet(new Budget(0));
    matches.spend(7, 1_000_000);
    assert.deepEqual([...matches.list()], [{ rule: "too-many-signs", score: 8, start: 7, end: 8 }]);
  });

  test("a rule that has its highest score is known to have it", () => {
    const matches = new MatchSet(new Budget(0));
    assert.deepEqual([...matches.list()], []);
    matches.add("a", 5, 0, 1);
    assert.ok(matches.has("a", 5) && !matches.has("a", 8) && !matches.has("b", 1));
    matches.add("a", 8, 2, 3);
    matches.add("a", 8, 4, 5);
    assert.deepEqual([...matches.list()], [{ rule: "a", score: 8, start: 2, end: 3 }]);
  });
});

describe("a text that is not read to its end", () => {
  const attack = "\n1' union select 2,3 -- ";
  const noise = ["don't ", "> ", "1 or 2 ", "<a b=c> ", "; x ", "../ ", "{{a}} ", "$a ", "'a' + ", "% ", "\\ ", "%41", "a\u200b"];

  for (const piece of noise) {
    test(`is refused for many ${JSON.stringify(piece)}, so that nothing hides behind them`, () => {
      assert.ok(isRefused(piece.repeat(70_000) + attack));
    });

    test(`is refused for many ${JSON.stringify(piece)} in a block of code too`, () => {
      assert.ok(isRefused(`\`\`\`\n${piece.repeat(70_000)}\n\`\`\`\n${attack}`));
    });
  }

  test("is a text of signs, and no long text of sentences, code or tables", () => {
    const sentence = "It's the (second) question: what is 4 < 5, and who's there? See https://example.org/a?b=c for more; thanks!\n";
    const code =
      'for (const [key, value] of Object.entries(map)) { if (value !== null && key.length > 3) out[key] = `${value}`; } // "so"\n';
    const table = "| name | value | a \\| b |\n| --- | --- | --- |\n| `x` | 1 | **2** |\n";
    const json = '{"id":17,"name":"Ada","tags":["a","b"],"at":"2024-01-01T00:00:00Z","nested":{"ok":true,"n":null}},\n';
    for (const piece of [sentence, code, table, json])
      for (const length of [1_000, 10_000, 60_000]) {
        const findings = screen(piece.repeat(length / piece.length), { profile: "prose" });
        assert.ok(!findings.some(({ rule }) => rule === "too-many-signs"), `${length} of ${piece}`);
      }
  });
});
