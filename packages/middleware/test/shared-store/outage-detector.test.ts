import assert from "node:assert/strict";
import { test } from "node:test";

import { OutageDetector } from "../../src/shared-store/outage-detector.ts";
import { type ClockByHand, clockByHand } from "../clock-by-hand.ts";

/** A detector in front of an operation that never answers while `away`. */
function detectorWithSwitch() {
  const state = { away: false, probes: 0, changes: [] as boolean[] };
  const never = new Promise<string>(() => undefined);
  const operation = (): Promise<string> => (state.away ? never : Promise.resolve("done"));
  const probe = (): Promise<string> => {
    state.probes += 1;
    return operation();
  };
  const detector = new OutageDetector({ deadlineMs: 20, probeEveryMs: 20, probe, onChange: (available) => state.changes.push(available) });
  const run = (): Promise<string> => detector.run(operation).catch((error: Error) => error.message);
  return { state, detector, run, [Symbol.dispose]: () => detector.close() };
}

/** Fails until the detector notices the outage. */
async function untilOpen({ run, detector }: ReturnType<typeof detectorWithSwitch>, clock: ClockByHand): Promise<void> {
  for (let asked = 0; asked < 10 && !detector.isOpen; asked += 1) {
    void run();
    await clock.advance(30);
  }
  assert.equal(detector.isOpen, true);
}

test("many failures at one moment are no outage, failures for longer are", async (t) => {
  const clock = clockByHand(t);
  using it = detectorWithSwitch();
  it.state.away = true;
  const failures = Promise.all(Array.from({ length: 50 }, it.run));
  await clock.advance(30);
  assert.deepEqual(new Set(await failures), new Set(["no response within 20 ms"]));
  assert.equal(it.detector.isOpen, false);
  it.state.away = false;
  assert.equal(await it.run(), "done");
  it.state.away = true;
  await untilOpen(it, clock);
  assert.equal(await it.run(), "the store is unavailable");
  assert.deepEqual(it.state.changes, [false]);
});

test("probes do not pile up while none succeeds, and stop with close()", async (t) => {
  const clock = clockByHand(t);
  using it = detectorWithSwitch();
  it.state.away = true;
  await untilOpen(it, clock);
  await clock.advance(20);
  assert.equal(it.state.probes, 1, "the first probe");
  await clock.advance(1_500);
  assert.equal(it.state.probes, 1);
  it.detector.close();
});

test("an operation that throws at once is a failure like others", async () => {
  using it = detectorWithSwitch();
  const fail = (): never => assert.fail("no client");
  await assert.rejects(it.detector.run(fail), /no client/);
  assert.equal(await it.run(), "done");
});

test("what fails after close() is no outage", async (t) => {
  const clock = clockByHand(t);
  using it = detectorWithSwitch();
  it.detector.close();
  it.state.away = true;
  for (let asked = 0; asked < 10; asked += 1) {
    void it.run();
    await clock.advance(30);
  }
  assert.equal(it.detector.isOpen, false);
  assert.deepEqual(it.state.changes, []);
});
