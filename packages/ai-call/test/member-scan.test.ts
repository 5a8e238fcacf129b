import assert from "node:assert/strict";
import { test } from "node:test";

import { array, assert as assertProperty, constantFrom, integer, letrec, object, oneof, property, string } from "fast-check";

import { MemberScan } from "../src/response/member-scan.ts";

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

test("the members that are found are those of the parsed document, also in texts that begin like the one before", () => {
  assertProperty(
    property(array(value, { minLength: 1, maxLength: 6 }), constantFrom(undefined, 1), (values, indent) => {
      const found: string[] = [];
      let bytes: Buffer = Buffer.alloc(0);
      const scan = new MemberScan(new Map(names.map((name) => [name, name])), (kind, name, at) => {
        assert.equal(bytes.toString("utf8", name, name + kind.length + 2), JSON.stringify(kind));
        found.push(`${kind} ${String.fromCharCode(bytes[at] ?? 0)}`);
      });
      for (const one of values) {
        for (const wrapped of [one, { id: "same", content: one }]) {
          found.length = 0;
          bytes = Buffer.from(`  ${JSON.stringify(wrapped, undefined, indent)} "content":1`);
          scan.scan(bytes, 2, bytes.length - ' "content":1'.length);
          assert.deepEqual(found, expected(wrapped));
        }
      }
    }),
  );
});
