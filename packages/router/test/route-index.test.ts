import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { readTemplate, type TemplateSegment } from "../src/path-template.ts";
import { RouteIndex } from "../src/route-index.ts";

function segmentsOf(template: string): readonly TemplateSegment[] {
  const segments = readTemplate(template);
  assert.ok(typeof segments !== "string", template);
  return segments;
}

function indexOf(templates: readonly string[]): RouteIndex<string> {
  const index = new RouteIndex<string>();
  for (const template of templates) index.add(segmentsOf(template), template);
  return index;
}

/** What `RouteIndex` must find, by looking at every template. */
function findLinearly(templates: readonly string[], path: string): { value: string; segments: string[] } | undefined {
  const given = path.split("/").slice(1);
  const matching = templates.flatMap((template) => {
    const segments = segmentsOf(template);
    const matches = segments.every(({ text }, position) => {
      const value = given[position] ?? "";
      return text === undefined ? /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/.test(value) : text === value;
    });
    if (!path.startsWith("/") || segments.length !== given.length || !matches) return [];
    // The first segment in which two templates differ in kind decides: a text comes before a parameter.
    const rank = segments.map(({ text }) => (text === undefined ? "1" : "0")).join("");
    return [{ rank, value: template, segments: given.filter((_value, position) => segments[position]?.text === undefined) }];
  });
  const best = matching.toSorted((one, other) => (one.rank < other.rank ? -1 : 1))[0];
  return best === undefined ? undefined : { value: best.value, segments: best.segments };
}

const text = fc.constantFrom("a", "b", "c", "constructor", "%61", "A");
const templateOf = (segments: readonly string[]): string => `/${segments.join("/")}`;
/** Numbered parameters, so that no two templates match the same paths without being the same. */
const templates = fc
  .array(fc.array(fc.oneof(text, fc.constant("{}")), { minLength: 1, maxLength: 5 }), { maxLength: 40 })
  .map((lists) => lists.map((list) => templateOf(list.map((each, position) => (each === "{}" ? `{p${position}}` : each)))))
  .map((list) => Array.from(new Set(list)));
const paths = fc.oneof(
  fc.array(fc.oneof(text, fc.constantFrom("", "7", "-", "a%2Fb", "..", "x".repeat(129))), { minLength: 1, maxLength: 6 }).map(templateOf),
  fc.string({ maxLength: 20 }),
);

test("it finds what a look at every template finds, in whatever order they were added", () => {
  fc.assert(
    fc.property(templates, fc.array(paths, { minLength: 1, maxLength: 20 }), (list, asked) => {
      const index = indexOf(list);
      const reversed = indexOf(list.toReversed());
      for (const path of asked) {
        const expected = findLinearly(list, path);
        assert.deepEqual(index.find(path), expected, path);
        assert.deepEqual(reversed.find(path), expected, path);
      }
    }),
    { numRuns: 500 },
  );
});

test("every template finds the paths that are made of it", () => {
  fc.assert(
    fc.property(templates, (list) => {
      const index = indexOf(list);
      for (const template of list) assert.ok(index.find(template.replaceAll(/\{\w+\}/g, "z9")) !== undefined, template);
    }),
  );
});

test("where a text leads to nothing, the parameter beside it is tried", () => {
  const index = indexOf(["/a/{x}/c", "/a/b/d"]);
  assert.deepEqual(index.find("/a/b/c"), { value: "/a/{x}/c", segments: ["b"] });
  assert.deepEqual(index.find("/a/b/d"), { value: "/a/b/d", segments: [] });
  assert.equal(index.find("/a/b/e"), undefined);
});

test("a parameter that led to nothing is forgotten", () => {
  const index = indexOf(["/{a}/{b}/x", "/{a}/k/{c}"]);
  assert.deepEqual(index.find("/1/k/3"), { value: "/{a}/k/{c}", segments: ["1", "3"] });
  assert.deepEqual(index.find("/1/k/x"), { value: "/{a}/k/{c}", segments: ["1", "x"] });
  assert.deepEqual(index.find("/1/2/x"), { value: "/{a}/{b}/x", segments: ["1", "2"] });
});

test("names of object members are texts like others", () => {
  const index = indexOf(["/__proto__", "/constructor/{x}"]);
  assert.equal(index.find("/toString"), undefined);
  assert.equal(index.find("/__proto__")?.value, "/__proto__");
  assert.deepEqual(index.find("/constructor/__proto__"), undefined);
});

test("the second of two templates that match the same paths is not added, and the first is returned", () => {
  const index = indexOf(["/a/{x}"]);
  assert.equal(index.add(segmentsOf("/a/{y}"), "/a/{y}"), "/a/{x}");
  assert.equal(index.find("/a/1")?.value, "/a/{x}");
});
