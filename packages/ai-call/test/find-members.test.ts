import assert from "node:assert/strict";
import { test } from "node:test";

import { array, assert as assertProperty, constantFrom, integer, letrec, object, oneof, property, string } from "fast-check";

import { findMembers, memberNames } from "../src/response/stream/find-members.ts";

const names = ["content", "usage", "error", "text"];

/** What `JSON.parse()` finds: the names at any depth with the text of their values, in the order of the text. */
function expected(value: unknown, found: string[] = []): string[] {
  if (Array.isArray(value)) for (const element of value as unknown[]) expected(element, found);
  else if (typeof value === "object" && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      if (names.includes(name)) found.push(`${name} ${JSON.stringify(member)[0]}`);
      expected(member, found);
    }
  }
  return found;
}

const text = string({ unit: constantFrom("a", '"', "\\", "content", "usage", ":", "{", " ", "é"), maxLength: 8 });
const { value } = letrec((tie) => ({
  value: oneof(
    { maxDepth: 4 },
    text,
    integer(),
    constantFrom(null, true, {}),
    array(tie("value"), { maxLength: 3 }),
    object({ key: oneof(constantFrom(...names), text), values: [text], maxDepth: 1, maxKeys: 3 }),
  ),
}));

test("the members that are found are those of the parsed document", () => {
  assertProperty(
    property(value, constantFrom(undefined, 1), (one, indent) => {
      const found: string[] = [];
      const after = ' "content":1';
      const bytes = Buffer.from(`  ${JSON.stringify({ id: "same", content: one }, undefined, indent)}${after}`);
      findMembers(bytes, 2, bytes.length - after.length, memberNames(new Map(names.map((name) => [name, name]))), (kind, name, at) => {
        assert.equal(bytes.toString("utf8", name, name + kind.length + 2), JSON.stringify(kind));
        found.push(`${kind} ${String.fromCharCode(bytes[at] ?? 0)}`);
      });
      assert.deepEqual(found, expected({ id: "same", content: one }));
    }),
    { numRuns: 500 },
  );
});
