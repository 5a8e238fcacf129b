import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

import { screen, screeningRules } from "../src/index.ts";
import { TextScan } from "../src/scan/text-scan.ts";
import { comparisonScores } from "../src/sqli/comparison-scores.ts";
import { Comparison } from "../src/sqli/comparison.ts";
import { SqlContext } from "../src/sqli/context.ts";
import { readOperand } from "../src/sqli/operand.ts";
import { probeScores } from "../src/sqli/probe-rules.ts";
import { scoreOf } from "../src/sqli/score-table.ts";
import { Kind } from "../src/sqli/sql-tokens.ts";
import { tokenizeSql } from "../src/sqli/tokenize-sql.ts";
import { strongProbes, Word } from "../src/sqli/words.ts";

function contextOf(text: string): SqlContext {
  return new SqlContext(tokenizeSql(new TextScan().read(text), false));
}

/** The first comparison behind `or`, `and`, `&&` or `||`. */
function comparisonIn(text: string): Comparison {
  const context = contextOf(text);
  const { tokens } = context;
  for (let at = 0; at < tokens.length; at += 1) {
    if (tokens.kind(at) !== Kind.logic && tokens.meaning(at) !== Word.logic) continue;
    const left = readOperand(tokens, at + 1);
    if (left !== undefined) return new Comparison(context, at, left);
  }
  throw new Error(`no comparison in ${text}`);
}

/** The first call of a probe. */
function probeIn(text: string): Parameters<(typeof probeScores)[number][0]>[0] {
  const context = contextOf(text);
  const { tokens } = context;
  for (let at = 0; at < tokens.length; at += 1) {
    const name = tokens.value(at).toLowerCase();
    if (strongProbes.has(name) && tokens.kind(at + 1) === Kind.open) return { context, tokens, at, name };
  }
  throw new Error(`no probe in ${text}`);
}

const strictScore = (text: string, rule: string): number =>
  screen(text, { profile: "strict", threshold: 1 }).find((finding) => finding.rule === rule)?.score ?? 0;

describe("the score of a comparison", () => {
  for (const [index, [, score, example]] of comparisonScores.entries()) {
    test(`is ${score} for ${example}, by the row it explains`, () => {
      const comparison = comparisonIn(example);
      assert.equal(
        comparisonScores.findIndex(([when]) => when(comparison)),
        index,
      );
      assert.equal(scoreOf(comparisonScores, comparison), score);
      assert.equal(strictScore(example, "condition"), score);
    });
  }

  test("is none where no row holds", () => assert.equal(scoreOf(comparisonScores, comparisonIn("me or a=b")), 0));
});

describe("the score of a probe", () => {
  for (const [index, [, score, example]] of probeScores.entries()) {
    test(`is ${score} for ${example}, by the row it explains`, () => {
      const probe = probeIn(example);
      assert.equal(
        probeScores.findIndex(([when]) => when(probe)),
        index,
      );
      assert.equal(strictScore(example, "probe-function"), score);
    });
  }
});

test("the catalogue and the page on screening list the scores with their examples", () => {
  const page = readFileSync(new URL("../docs/rules.md", import.meta.url), "utf8");
  const scored = screeningRules.filter(({ scores }) => scores !== undefined);
  assert.deepEqual(
    scored.map(({ id }) => id),
    ["sqli/condition", "sqli/probe-function"],
  );
  const rows = new Set(page.split("\n").map((line) => line.replaceAll(/ +\|/g, " |")));
  for (const { id, scores = [] } of scored)
    for (const { example, score } of scores)
      assert.ok(rows.has(`| \`${example.replaceAll("|", "\\|")}\` | ${score} |`), `${id}: ${example}`);
});
