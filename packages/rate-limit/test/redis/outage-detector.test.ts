import assert from "node:assert/strict";
import { test } from "node:test";

import { OutageDetector } from "../../src/remote/outage-detector.ts";
import { type ClockByHand, clockByHand } from "../clock-by-hand.ts";

/** A breaker in front of an operation that never answers while `away`. */
function breakerWithSwitch() {
  const state = { away: false, probes: 0, changes: [] as boolean[] };
  const never = new Promise<string>(() => undefined);
  const operation = (): Promise<string> => (state.away ? never : Promise.resolve("done"));
  const probe = (): Promise<string> => {
    state.probes += 1;
    return operation();
  };
  const breaker = new OutageDetector({ deadlineMs: 20, probeEveryMs: 20, probe, onChange: (available) => state.changes.push(available) });
  const run = (): Promise<string> => breaker.run(operation).catch((error: Error) => error.message);
  return { state, breaker, run, [Symbol.dispose]: () => breaker.close() };
}

/** Fails until the breaker notices the outage. */
async function untilOpen({ run, breaker }: ReturnType<typeof breakerWithSwitch>, clock: ClockByHand): Promise<void> {
  for (let asked = 0; asked < 10 && !breaker.isOpen; asked += 1) {
    void run();
    await clock.advance(30);
  }
  assert.equal(breaker.isOpen, true);
}

test("many failures at one moment are no outage, failures for longer are", async (t) => {
  const clock = clockByHand(t);
  using it = breakerWithSwitch();
  it.state.away = true;
  const failures = Promise.all(Array.from({ length: 50 }, it.run));
  await clock.advance(30);
  assert.deepEqual(new Set(await failures), new Set(["no answer within 20 ms"]));
  assert.equal(it.breaker.isOpen, false);
  it.state.away = false;
  assert.equal(await it.run(), "done");
  it.state.away = true;
  await untilOpen(it, clock);
  assert.equal(await it.run(), "@aivillage/rate-limit: the store is away");
  assert.deepEqual(it.state.changes, [false]);
});

test("probes do not pile up while none is answered, and stop with close()", async (t) => {
  const clock = clockByHand(t);
  using it = breakerWithSwitch();
  it.state.away = true;
  await untilOpen(it, clock);
  await clock.advance(20);
  assert.equal(it.state.probes, 1, "the first probe");
  await clock.advance(1_500);
  assert.equal(it.state.probes, 1);
  it.breaker.close();
});

test("an operation that throws at once is a failure like others", async () => {
  using it = breakerWithSwitch();
  const fail = (): never => assert.fail("no client");
  await assert.rejects(it.breaker.run(fail), /no client/);
  assert.equal(await it.run(), "done");
});
