import assert from "node:assert/strict";
import { test } from "node:test";

import { evaluate } from "../src/agents/expression.ts";

const values: readonly (readonly [string, number])[] = [
  ["12 * 7", 84],
  ["2 + 3 * 4", 14],
  ["(2 + 3) * 4", 20],
  ["2 - 3 - 4", -5],
  ["64 / 4 / 2", 8],
  ["17 % 5", 2],
  ["2 ^ 3 ^ 2", 512],
  ["-2 ^ 2", -4],
  ["2 ^ -1", 0.5],
  ["--3 + +4", 7],
  [".5 + 1.25", 1.75],
  ["((((1))))", 1],
];
for (const [expression, value] of values) {
  test(`${expression} is ${value}`, () => assert.equal(evaluate(expression), value));
}

for (const expression of ["1 / 0", "0 / 0", "5 % 0", "9 ^ 9 ^ 9"]) {
  test(`${expression} is not finite`, () => assert.equal(Number.isFinite(evaluate(expression)), false));
}

for (const expression of ["", "1 +", "* 2", "(1 + 2", "1 + 2)", "1 2", "1.2.3", "()", "2 ** 3", "process.exit(1)", "1e3"]) {
  test(`"${expression}" is a syntax error`, () => {
    assert.throws(() => evaluate(expression), { name: "SyntaxError" });
  });
}
