import assert from "node:assert/strict";
import { test } from "node:test";

import { throttleByKind } from "@aivillage/access-log";

test("each kind is reported at once, and then at most every ten seconds with how often it came", (t) => {
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const reported: (readonly [string, number])[] = [];
  const listener = throttleByKind<string>(
    (kind) => kind,
    (kind, count) => void reported.push([kind, count]),
  );
  for (let times = 0; times < 50; times += 1) listener("loud");
  listener("quiet");
  now = 9_999;
  listener("quiet");
  now = 10_000;
  listener("loud");
  listener("quiet");
  assert.deepEqual(reported, [
    ["loud", 1],
    ["quiet", 1],
    ["loud", 50],
    ["quiet", 2],
  ]);
});

test("of more kinds than are remembered the first ones are reported, and others when a pause is over", (t) => {
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const reported: string[] = [];
  const listener = throttleByKind<string>(
    (kind) => kind,
    (kind) => void reported.push(kind),
  );
  for (let kind = 0; kind < 1_000; kind += 1) listener(String(kind));
  assert.equal(reported.length, 100);
  now = 10_000;
  listener("late");
  assert.equal(reported.at(-1), "late");
});
