import assert from "node:assert/strict";
import { test } from "node:test";

import { comparesAll, costlyBodies, tooManyMembers } from "./costly-bodies.ts";
import { anything, assertProblem, postTo, serve } from "./problem-app.ts";

test("a number that no double holds is refused at its place, not read as infinite", async () => {
  await using app = await serve({ body: anything });
  for (const number of ["1e400", "-1e400", "1e999999999", `1${"0".repeat(400)}`]) {
    const response = await postTo(app, `{"a":[0,${number}]}`);
    assertProblem(response, 422, "invalid-input");
    assert.deepEqual(response.json.errors, [{ detail: "must be a number of less than 309 digits", pointer: "#/a/1" }]);
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

test("a million digits, brackets, escapes or keys are judged", async () => {
  await using app = await serve({ body: anything });
  for (const [name, text, status] of costlyBodies) assert.equal((await postTo(app, text)).status, status, name);
});

test("a large body with an error in every value reports its first error only, a small one all of them", async () => {
  await using app = await serve({ body: { type: "array", items: { type: "array", items: { type: "string" } } } });
  const rows = (count: number) => Array.from({ length: count }, () => Array.from({ length: 10 }, () => 1));
  const large = await postTo(app, rows(9_000));
  assertProblem(large, 422, "invalid-input");
  assert.deepEqual(large.json.errors, [{ detail: "must be string", pointer: "#/0/0" }]);
  const small = await postTo(app, rows(3));
  assert.equal(small.json.errors?.length, 20);
});

test("a schema that compares all members does so only within its limits", async () => {
  await using app = await serve({ body: comparesAll });
  assert.equal((await postTo(app, tooManyMembers)).status, 422);
});
