import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import { FailureSources } from "../src/failures/failure-sources.ts";

/** A request of a principal from an address; `-` is a request without a principal. */
const from = (principal: string, client: string) => ({ url: principal, method: client }) as IncomingMessage;

function sources(withPrincipals = true): FailureSources {
  return new FailureSources({
    client: ({ method }) => method,
    clientIp: undefined,
    principal: withPrincipals ? ({ url }) => (url === "-" ? undefined : url) : undefined,
  });
}

test("without principals every failure is counted for its client", () => {
  const made = sources(false);
  for (const principal of ["a", "b"]) made.record(from(principal, "1"), 0);
  assert.deepEqual(made.of(from("a", "1"), 0), { name: "1", outOf: Infinity });
});

test("a single principal is distinguished by its clients, two are counted themselves", () => {
  const made = sources();
  made.record(from("a", "1"), 0);
  assert.deepEqual(made.of(from("a", "1"), 0), { name: "1", outOf: Infinity });
  made.record(from("b", "1"), 1);
  assert.deepEqual(made.of(from("a", "1"), 2), { name: "a", outOf: 2 });
});

test("requests without a principal have one together", () => {
  const made = sources();
  made.record(from("a", "1"), 0);
  for (const client of ["2", "3", "4"]) made.record(from("-", client), 0);
  assert.deepEqual(made.of(from("-", "3"), 0), { name: "", outOf: 2 });
});

test("a principal that has sent nothing for ten minutes is forgotten, one that goes on is not", () => {
  const made = sources();
  made.record(from("quiet", "1"), 0);
  for (let now = 0; now <= 600_000; now += 10_000) made.record(from("busy", "1"), now);
  assert.equal(made.of(from("busy", "1"), 600_000).outOf, 2);
  assert.equal(made.of(from("busy", "1"), 600_001).outOf, Infinity);
});

test("a hundred principals are remembered, and those that come later once older ones are forgotten", () => {
  const made = sources();
  for (let index = 0; index < 10_000; index += 1) made.record(from(`first ${index}`, "1"), 0);
  assert.equal(made.of(from("first 0", "1"), 0).outOf, 100);
  for (let index = 0; index < 3; index += 1) made.record(from(`later ${index}`, "1"), 600_001);
  assert.equal(made.of(from("later 0", "1"), 600_001).outOf, 3);
});
