import assert from "node:assert/strict";
import { test } from "node:test";

import { makeClockDeadlines, ResponseClock } from "../src/attempts/response-clock.ts";

const limits = { headersTimeoutMs: 30_000, responseTimeoutMs: 600_000, maxStreamMs: 3_600_000 };
const owner = { onLate: (): void => assert.fail("no time is up") };
const outlet = { flushed: true } as never;

test("a new request does not look at the streams that are open", (t) => {
  const deadlines = makeClockDeadlines();
  const start = (): ResponseClock => {
    const clock = new ResponseClock(deadlines, limits, owner);
    clock.start(outlet);
    t.after(() => clock.stop());
    return clock;
  };
  let looks = 0;
  for (let index = 0; index < 100; index += 1) {
    const stream = start();
    stream.responded(true);
    const { dueAt } = stream;
    Object.defineProperty(stream, "dueAt", { get: () => ((looks += 1), dueAt) });
  }
  looks = 0;
  for (let index = 0; index < 10; index += 1) start().stop();
  assert.equal(looks, 0);
});

test("a new request does not look at the responses that have outlasted the time for a head", (t) => {
  const deadlines = makeClockDeadlines();
  const clocks = Array.from({ length: 3 }, () => new ResponseClock(deadlines, limits, owner));
  t.after(() => clocks.forEach((clock) => clock.stop()));
  const [first, second, third] = clocks as [ResponseClock, ResponseClock, ResponseClock];
  first.start(outlet);
  first.responded(false);
  deadlines.head.clear(first);
  first.expire(performance.now());
  second.start(outlet);
  third.start(outlet);
  assert.ok(first.dueAt > second.dueAt);
  assert.deepEqual([first.later, second.later, third.earlier], [undefined, third, second]);
});

test("a clock that has moved to another list leaves the others of its old one in order", (t) => {
  const deadlines = makeClockDeadlines();
  const clocks = Array.from({ length: 3 }, () => new ResponseClock(deadlines, limits, owner));
  t.after(() => clocks.forEach((clock) => clock.stop()));
  for (const clock of clocks) clock.start(outlet);
  const [first, second, third] = clocks as [ResponseClock, ResponseClock, ResponseClock];
  second.responded(true);
  assert.deepEqual([first.later, third.earlier], [third, first]);
  assert.deepEqual([second.earlier, second.later], [undefined, undefined]);
  second.stop();
  first.stop();
  assert.equal(third.earlier, undefined);
});
