import assert from "node:assert/strict";
import { test } from "node:test";

import { fillTemplate, templateError, templateParameters, templateShape } from "../src/index.ts";

test("values are put into a template by name", () => {
  assert.equal(fillTemplate("/notes/{id}/parts/{part}", { part: "b", id: "a" }), "/notes/a/parts/b");
  assert.equal(fillTemplate("/notes/{id}", {}), "/notes/");
  assert.equal(fillTemplate("/api/*", { "*": "a/b%2Fc" }), "/api/a/b%2Fc");
});

test("values are percent-encoded where a segment cannot hold them, and stay as they are otherwise", () => {
  const filled = (id: string) => fillTemplate("/n/{id}/{rest+}", { id, rest: id });
  assert.equal(filled("a/b"), "/n/a%2Fb/a/b");
  assert.equal(filled("a?b#c d"), "/n/a%3Fb%23c%20d/a%3Fb%23c%20d");
  assert.equal(filled("100%"), "/n/100%25/100%25");
  assert.equal(filled("caf\u00e9 \u{1f600}"), "/n/caf%C3%A9%20%F0%9F%98%80/caf%C3%A9%20%F0%9F%98%80");
  assert.equal(filled("\ud800"), "/n/%EF%BF%BD/%EF%BF%BD");
  assert.equal(filled("a%2Fb;c=1,2@x"), "/n/a%2Fb;c=1,2@x/a%2Fb;c=1,2@x");
});

test("a value that leads to another path is refused", () => {
  for (const value of ["..", ".", "%2e%2E"]) assert.throws(() => fillTemplate("/n/{id}", { id: value }), /leads elsewhere/);
  assert.throws(() => fillTemplate("/n/*", { "*": "a/../b" }), /leads elsewhere/);
});

test("an error of a template has an example, and a valid template has none", () => {
  assert.match(templateError("notes") ?? "", /such as \/notes\/\{id\}/);
  assert.equal(templateError("/files/{path+}"), undefined);
});

test("parameters are listed in order", () => {
  assert.deepEqual(templateParameters("/a/{x}/{y_2}"), ["x", "y_2"]);
  assert.deepEqual(templateParameters("/a/{x+}"), ["x"]);
  assert.deepEqual(templateParameters("/a/*"), ["*"]);
  assert.deepEqual(templateParameters("/a"), []);
});

test("templates that match the same paths have the same shape", () => {
  assert.equal(templateShape("/a/{x}/b"), templateShape("/a/{other}/b"));
  assert.equal(templateShape("/a/{x+}"), templateShape("/a/*"));
  assert.notEqual(templateShape("/a/{x}"), templateShape("/a/x"));
  assert.notEqual(templateShape("/a/{x}"), templateShape("/a/*"));
});
