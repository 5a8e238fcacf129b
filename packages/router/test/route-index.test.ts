import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { readTemplate } from "../src/path-template.ts";
import { RouteIndex } from "../src/route-index.ts";
import type { TemplateSegment } from "../src/template-segment.ts";

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

const isDots = (value: string): boolean => /^(\.|%2e){1,2}(;|$)/i.test(value);
const isSegment = (value: string): boolean => /^([\w.~!$&'()*+,;=:@[\]|^-]|%[2-6][\da-f]|%7[\da-e]|%[89a-f][\da-f])+$/i.test(value);
const accepts = (value: string): boolean => isSegment(value) && value.split(/%2f|%5c/i).every((part) => !isDots(part));

/** What `RouteIndex` must find, by looking at every template. */
function findLinearly(templates: readonly string[], path: string): { value: string; segments: string[] } | undefined {
  if (!path.startsWith("/")) return undefined;
  const given = path.split("/").slice(1);
  const matching = templates.flatMap((template) => {
    const segments = segmentsOf(template);
    const values = segments.map(({ kind }, position) => (kind === "rest" ? given.slice(position).join("/") : (given[position] ?? "")));
    const matches = segments.every((segment, position) => {
      const value = values[position] ?? "";
      if (segment.kind === "text") return position < given.length && segment.text === value;
      if (segment.kind === "parameter") return accepts(value);
      const isRest = value.split("/").every((part) => part === "" || accepts(part));
      return value === "" ? segment.mayBeEmpty && position < given.length : isRest;
    });
    const isOpen = segments.at(-1)?.kind === "rest";
    if (!matches || (!isOpen && segments.length !== given.length)) return [];
    // The first segment in which two templates differ in kind decides: a text comes before a parameter, and a rest last.
    const rank = segments.map(({ kind }) => ["text", "parameter", "rest"].indexOf(kind)).join("");
    return [{ rank, value: template, segments: values.filter((_value, position) => segments[position]?.kind !== "text") }];
  });
  const best = matching.toSorted((one, other) => (one.rank < other.rank ? -1 : 1))[0];
  return best === undefined ? undefined : { value: best.value, segments: best.segments };
}

const text = fc.constantFrom("a", "b", "c", "constructor", "%2F", "A");
const templateOf = (segments: readonly string[]): string => `/${segments.join("/")}`;
/** Numbered parameters, so that no two templates match the same paths without being the same. */
const templates = fc
  .array(fc.tuple(fc.array(fc.oneof(text, fc.constant("{}")), { minLength: 1, maxLength: 5 }), fc.constantFrom("", "/*")), {
    maxLength: 40,
  })
  .map((lists) => lists.map(([list, end]) => templateOf(list.map((each, position) => (each === "{}" ? `{p${position}}` : each))) + end))
  .map((list) => Array.from(new Set(list)));
const paths = fc.oneof(
  fc
    .array(fc.oneof(text, fc.constantFrom("", "7", "-", "a%2Fb", "..", "%2E%2e", "x".repeat(3000))), { minLength: 1, maxLength: 6 })
    .map(templateOf),
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
      for (const template of list) assert.ok(index.find(template.replaceAll(/\{\w+\}|\*/g, "z9")) !== undefined, template);
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
  assert.deepEqual(index.find("/constructor/__proto__"), { value: "/constructor/{x}", segments: ["__proto__"] });
});

test("the second of two templates that match the same paths is not added, and the first is returned", () => {
  const index = indexOf(["/a/{x}"]);
  assert.equal(index.add(segmentsOf("/a/{y}"), "/a/{y}"), "/a/{x}");
  assert.equal(index.find("/a/1")?.value, "/a/{x}");
});

test("a rest is tried last, and takes what nothing else matches", () => {
  const index = indexOf(["/a/*", "/a/{x}", "/a/b/c", "/files/{path+}"]);
  assert.deepEqual(index.find("/a/b/c"), { value: "/a/b/c", segments: [] });
  assert.deepEqual(index.find("/a/b"), { value: "/a/{x}", segments: ["b"] });
  assert.deepEqual(index.find("/a/b/d/"), { value: "/a/*", segments: ["b/d/"] });
  assert.deepEqual(index.find("/a/"), { value: "/a/*", segments: [""] });
  assert.equal(index.find("/a"), undefined);
  assert.equal(index.find("/files/"), undefined);
  assert.deepEqual(index.find("/files/x/y%2Fz"), { value: "/files/{path+}", segments: ["x/y%2Fz"] });
});

test("no parameter and no rest accepts a segment that leads elsewhere", () => {
  const index = indexOf(["/a/{x}", "/b/*"]);
  const misleading = ["..", ".", "%2e.", "..;x", "x%2F..%2Fy", "%00", "x%0d%0ay", "%5c..", "a{b", "a%zz", 'a"b', "a\\..\\b"];
  for (const value of misleading) {
    assert.equal(index.find(`/a/${value}`), undefined, value);
    assert.equal(index.find(`/b/c/${value}`), undefined, value);
  }
});
