import assert from "node:assert/strict";
import { test } from "node:test";

import { fillTemplate, templateParameters, templateShape } from "../src/index.ts";

test("values are put into a template by name", () => {
  assert.equal(fillTemplate("/notes/{id}/parts/{part}", { part: "b", id: "a" }), "/notes/a/parts/b");
  assert.equal(fillTemplate("/notes/{id}", {}), "/notes/");
});

test("parameters are listed in order", () => {
  assert.deepEqual(templateParameters("/a/{x}/{y_2}"), ["x", "y_2"]);
  assert.deepEqual(templateParameters("/a"), []);
});

test("templates that match the same paths have the same shape", () => {
  assert.equal(templateShape("/a/{x}/b"), templateShape("/a/{other}/b"));
  assert.notEqual(templateShape("/a/{x}"), templateShape("/a/x"));
});
