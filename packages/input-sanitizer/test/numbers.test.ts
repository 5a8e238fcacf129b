import assert from "node:assert/strict";
import { test } from "node:test";

import { anything, assertProblem, postTo, serve } from "./problem-app.ts";

/** Milliseconds of processor time that one request costs this process. */
async function costMs(request: () => Promise<{ status: number }>, status: number): Promise<number> {
  const before = process.cpuUsage();
  assert.equal((await request()).status, status);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

test("a number that no double holds is refused at its place, not read as infinite", async () => {
  await using app = await serve({ body: anything });
  for (const number of ["1e400", "-1e400", "1e999999999", `1${"0".repeat(400)}`]) {
    const answer = await postTo(app, `{"a":[0,${number}]}`);
    assertProblem(answer, 422, "invalid-input");
    assert.deepEqual(answer.json.errors, [{ detail: "must be a number of less than 309 digits", pointer: "#/a/1" }]);
  }
});

test("numbers that only look odd are read as the engine reads them", async () => {
  await using app = await serve({ body: anything });
  for (const number of ["1e308", "-0", "1e-400", "0.1e1", `0.${"1".repeat(400)}`]) {
    assert.deepEqual((await postTo(app, `[${number}]`)).json.body, [JSON.parse(JSON.stringify(Number(number)))], number);
  }
  for (const number of ["01", "+1", ".5", "1.", "1e", "0x10", "NaN", "Infinity", "-"]) {
    assertProblem(await postTo(app, `[${number}]`), 400, "malformed-json");
  }
});

test("a million digits, brackets, escapes or keys cost little time", async () => {
  await using app = await serve({ body: anything });
  const million = 1_000_000;
  const cases: readonly (readonly [string, string, number])[] = [
    ["digits", "1".repeat(million), 422],
    ["digits behind the point", `0.${"1".repeat(million)}`, 200],
    ["digits of an exponent", `1e-${"9".repeat(million)}`, 200],
    ["brackets", "[".repeat(million), 422],
    ["closing brackets", "]".repeat(million), 400],
    ["objects inside each other", '{"a":'.repeat(million / 5), 422],
    ["quotes", '"'.repeat(million), 400],
    ["backslashes", `"${"\\".repeat(million)}`, 400],
    ["escapes", `"${String.raw`\u0041`.repeat(million / 6)}"`, 422],
    ["commas", ",".repeat(million), 400],
    ["colons", ":".repeat(million), 422],
    ["empty arrays", `[${"[],".repeat(9_999)}[]]`, 200],
    ["numbers", `[${"[1,1,1,1,1,1,1,1,1,1],".repeat(9_999)}1]`, 200],
    ["spaces", " ".repeat(million), 400],
  ];
  for (const [name, text, status] of cases) {
    const ms = await costMs(() => postTo(app, text), status);
    assert.ok(ms < 1_500, `${name}: ${ms} ms`);
  }
});

test("a large body with a fault in every value is told its first fault only, a small one all of them", async () => {
  await using app = await serve({ body: { type: "array", items: { type: "array", items: { type: "string" } } } });
  const rows = (count: number) => Array.from({ length: count }, () => Array.from({ length: 10 }, () => 1));
  const large = await postTo(app, rows(9_000));
  assertProblem(large, 422, "invalid-input");
  assert.deepEqual(large.json.errors, [{ detail: "must be string", pointer: "#/0/0" }]);
  const small = await postTo(app, rows(3));
  assert.equal(small.json.errors?.length, 20);
});

test("a schema that compares all members does so only within its limits", async () => {
  await using app = await serve({ body: { type: "array", maxItems: 10, uniqueItems: true, items: { type: "object" } } });
  const many = Array.from({ length: 10_000 }, () => ({}));
  const ms = await costMs(() => postTo(app, many), 422);
  assert.ok(ms < 1_500, `${ms} ms`);
});
