import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { prepareFieldRules } from "../src/fields/field-rules.ts";
import { ownedRequestHeaders } from "../src/fields/owned-headers.ts";
import { requestClaims } from "../src/fields/request-claims.ts";

const ruleOf = prepareFieldRules({ dropped: ["authorization", "cookie"] });
/** Each claim once, a beginning with something after it. */
const claims = requestClaims.flatMap(({ names }) => names.map((name) => name.replace("*", "anything")));
const never = [...ownedRequestHeaders, ...claims, "authorization", "cookie"];

/** The name with some of its letters in the other case. */
const anyCase = (name: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((upper) => Array.from(name, (letter, index) => (upper[index] === true ? letter.toUpperCase() : letter)).join(""));

test("a field that is never sent on is known in any case", () => {
  fc.assert(
    fc.property(fc.constantFrom(...never).chain(anyCase), (name) => {
      const rule = ruleOf(name);
      return rule.isDropped && rule.name === name.toLowerCase();
    }),
  );
});

test("a listed claim is forwarded, from trusted peers only where the list says so", () => {
  const listed = prepareFieldRules({ forwardHeaders: ["X-Tenant-*"], forwardTrustedHeaders: ["X-Real-IP"] });
  fc.assert(fc.property(anyCase("x-tenant-id"), (name) => !listed(name).isDropped && !listed(name).needsTrust));
  fc.assert(fc.property(anyCase("x-real-ip"), (name) => !listed(name).isDropped && listed(name).needsTrust));
  assert.equal(listed("X-Forwarded-User").isDropped, true);
});

test("where unlisted fields are not forwarded, only listed ones and those of a WebSocket handshake are", () => {
  const strict = prepareFieldRules({ forwardHeaders: ["Accept"], forwardUnlisted: false });
  const passes = ["Accept", "accept", "Sec-WebSocket-Key", "X-Anything", "User-Agent"].filter((name) => !strict(name).isDropped);
  assert.deepEqual(passes, ["Accept", "accept", "Sec-WebSocket-Key"]);
});

test("a name is worked out once, and no client can make many be remembered", () => {
  const rules = prepareFieldRules({ forwardHeaders: ["X-Tenant-Id"] });
  assert.equal(rules("X-Tenant-Id"), rules("x-tenant-id"));
  assert.equal(rules("X-First"), rules("X-First"));
  for (let index = 0; index < 1_000; index += 1) rules(`X-Name-${index}`);
  assert.equal(rules("X-First"), rules("X-First"));
  assert.notEqual(rules("X-Name-999"), rules("X-Name-999"));
  const long = `X-${"a".repeat(1_000)}`;
  const fresh = prepareFieldRules({});
  assert.notEqual(fresh(long), fresh(long));
});

test("fields about the body are known in any case", () => {
  fc.assert(fc.property(anyCase("content-encoding"), (name) => ruleOf(name).describesBody));
});

test("all others pass, those with the names of members of objects too", () => {
  for (const name of ["X-Mine", "Accept", "toString", "__proto__", "constructor", "connectionx", "X-User-Agent"]) {
    const { isDropped, needsTrust, describesBody } = ruleOf(name);
    assert.deepEqual([isDropped, needsTrust, describesBody], [false, false, false], name);
  }
  assert.equal(prepareFieldRules({})("Authorization").isDropped, false);
});
