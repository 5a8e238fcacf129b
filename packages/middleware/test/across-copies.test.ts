import assert from "node:assert/strict";
import { test } from "node:test";

import { HttpProblem, processState } from "@aivillage/middleware";

/** A query makes the loader evaluate a module again: what a program gets that imports a package while a library requires it. */
const copy = (await import(new URL("../src/http-problem.ts?copy", import.meta.url).href)) as { HttpProblem: typeof HttpProblem };

class TeapotProblem extends HttpProblem {}

test("instanceof recognises the instances of another copy of a class", () => {
  assert.notEqual(copy.HttpProblem, HttpProblem);
  assert.ok(new copy.HttpProblem({ status: 429 }) instanceof HttpProblem);
  assert.ok(new HttpProblem({ status: 429 }) instanceof copy.HttpProblem);
});

test("instanceof keeps its meaning for subclasses", () => {
  assert.ok(new TeapotProblem({ status: 418 }) instanceof TeapotProblem);
  assert.ok(new TeapotProblem({ status: 418 }) instanceof copy.HttpProblem);
  assert.ok(!(new HttpProblem({ status: 429 }) instanceof TeapotProblem));
});

test("instanceof refuses everything else", () => {
  for (const value of [undefined, null, 429, "HttpProblem", {}, new Error("HttpProblem"), { name: "HttpProblem", status: 429 }])
    assert.ok(!(value instanceof HttpProblem));
});

test("state of a name is the same wherever it is asked for", () => {
  const first = processState("@aivillage/middleware.test", { count: 1 });
  first.count += 1;
  assert.equal(processState("@aivillage/middleware.test", { count: 1 }), first);
  assert.deepEqual(processState("@aivillage/middleware.other-test", { count: 1 }), { count: 1 });
});
