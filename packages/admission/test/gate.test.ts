import assert from "node:assert/strict";
import { test } from "node:test";

import { ask, enter, gateByHand, type Recorder, settled } from "./gate-by-hand.ts";

const count = (recorders: readonly Recorder[], state: Recorder["state"]): number => recorders.filter((each) => each.state === state).length;

test("requests get slots while there are some, and wait for one in the order in which they came", async () => {
  const { gate } = gateByHand();
  const requests = Array.from({ length: 5 }, () => enter(gate, ask("a", 2)));
  assert.deepEqual(
    requests.map(({ state, position }) => [state, position]),
    [
      ["admitted", 0],
      ["admitted", 0],
      ["queued", 1],
      ["queued", 2],
      ["queued", 3],
    ],
  );
  requests[0]?.leave();
  await settled();
  assert.equal(requests[2]?.state, "admitted");
  assert.equal(requests[3]?.state, "queued");
  assert.deepEqual(gate.counts(), [{ limit: "model", inFlight: 2, waiting: 2 }]);
});

test("a slot is given back once, however often its request leaves", async () => {
  const { gate } = gateByHand();
  const first = enter(gate, ask("a", 1));
  first.leave();
  first.leave();
  const [second, third] = [enter(gate, ask("a", 1)), enter(gate, ask("a", 1))];
  second.leave();
  second.leave();
  await settled();
  assert.equal(third.state, "admitted");
  assert.deepEqual(gate.counts(), [{ limit: "model", inFlight: 1, waiting: 0 }]);
  third.leave();
  assert.deepEqual(gate.counts(), []);
});

test("one that leaves between its turn and its notification gives its slot to the next", async () => {
  const { gate } = gateByHand();
  const [first, second, third] = [enter(gate, ask("a", 1)), enter(gate, ask("a", 1)), enter(gate, ask("a", 1))];
  first.leave();
  second.leave();
  await settled();
  assert.deepEqual([second.state, third.state], ["queued", "admitted"]);
  third.leave();
  assert.deepEqual(gate.counts(), []);
});

test("a request holds a slot of each of its limits or none", async () => {
  const { gate } = gateByHand();
  const both = (key: string) =>
    ask(key, 0, {
      demands: [
        { limit: "own", key, max: 1 },
        { limit: "model", key: "", max: 2 },
      ],
    });
  const [first, second, other, last] = [enter(gate, both("a")), enter(gate, both("a")), enter(gate, both("b")), enter(gate, both("c"))];
  assert.deepEqual([first.state, second.state, other.state, last.state], ["admitted", "queued", "admitted", "queued"]);
  other.leave();
  await settled();
  assert.equal(second.state, "queued", "its own limit is full, and it holds up nobody");
  assert.equal(last.state, "admitted");
  first.leave();
  await settled();
  assert.equal(second.state, "admitted");
  for (const each of [second, last]) each.leave();
  assert.deepEqual(gate.counts(), []);
});

test("a share with a hundred requests takes turns with shares that have one", async () => {
  const { gate } = gateByHand();
  const order: string[] = [];
  const holder = enter(gate, ask("x", 1));
  const queued = [...Array.from({ length: 100 }, () => "loud"), ...Array.from({ length: 9 }, (_, index) => `quiet ${index}`)].map(
    (share) => {
      const recorder: Recorder = enter(gate, ask(share, 1), () => {
        order.push(share);
        recorder.leave();
      });
      return recorder;
    },
  );
  holder.leave();
  while (count(queued, "admitted") < queued.length) await settled();
  assert.ok(order.slice(0, 11).filter((share) => share === "loud").length <= 2, order.slice(0, 11).join());
  assert.deepEqual(gate.counts(), []);
});

/** Serves 400 requests of shares that always have one waiting, one at a time, and counts them. */
async function served(
  shares: Readonly<Record<string, { weight?: number; cost?: number; priority?: number }>>,
): Promise<Record<string, number>> {
  const { gate, clock } = gateByHand();
  const counts: Record<string, number> = Object.fromEntries(Object.keys(shares).map((share) => [share, 0]));
  const total = (): number => Object.values(counts).reduce((sum, each) => sum + each, 0);
  const holder = enter(gate, ask("x", 1));
  function come(share: string): void {
    const recorder: Recorder = enter(gate, ask(share, 1, shares[share]), () => {
      if (total() === 400) return recorder.leave();
      counts[share] = (counts[share] ?? 0) + 1;
      clock.nowMs += 100;
      come(share);
      recorder.leave();
    });
  }
  for (const share of Object.keys(shares)) for (let index = 0; index < 20; index += 1) come(share);
  holder.leave();
  while (total() < 400) await settled();
  return counts;
}

test("shares are served in proportion to their weights", async () => {
  const { a = 0, b = 0 } = await served({ a: { weight: 3 }, b: {} });
  assert.ok(Math.abs(a - 300) <= 4, `${a} and ${b}`);
});

test("a share whose requests cost four times as much gets a quarter of the requests", async () => {
  const { a = 0, b = 0 } = await served({ a: { cost: 4 }, b: {} });
  assert.ok(Math.abs(a - 80) <= 4, `${a} and ${b}`);
});

test("higher priority comes first, and a share that gets nothing for long catches up", async () => {
  const { high = 0, low = 0 } = await served({ high: { priority: 2 }, low: { priority: 0 } });
  // Two levels are worth two seconds, in which 20 requests are served.
  assert.ok(low >= 12 && low <= 25, `${high} and ${low}`);
});

test("within a share a level of priority is a head start", async () => {
  const { gate, clock } = gateByHand();
  const holder = enter(gate, ask("x", 1));
  const old = enter(gate, ask("a", 1));
  clock.nowMs = 500;
  const urgent = enter(gate, ask("a", 1, { priority: 1 }));
  holder.leave();
  await settled();
  assert.deepEqual([old.state, urgent.state], ["queued", "admitted"]);
  clock.nowMs = 2_000;
  const late = enter(gate, ask("a", 1, { priority: 1 }));
  urgent.leave();
  await settled();
  assert.deepEqual([old.state, late.state], ["admitted", "queued"]);
});

test("the queue is bounded, for each share too, and names the limit and the expected wait", () => {
  const { gate, clock } = gateByHand();
  const bounds = { max: 3, maxPerShare: 2 };
  const holders = Array.from({ length: 4 }, () => enter(gate, ask("x", 4)));
  for (const holder of holders.slice(1)) {
    clock.nowMs += 1_000;
    holder.leave();
    enter(gate, ask("x", 4));
  }
  const [first, second, third] = [
    enter(gate, ask("a", 4, { bounds })),
    enter(gate, ask("a", 4, { bounds })),
    enter(gate, ask("a", 4, { bounds })),
  ];
  assert.deepEqual([first.state, second.state, third.state], ["queued", "queued", "refused"]);
  assert.deepEqual(third.refusal, { limit: "model", reason: "share-full", retryAfterMs: 3_000 });
  const [other, refused] = [enter(gate, ask("b", 4, { bounds })), enter(gate, ask("c", 4, { bounds }))];
  assert.deepEqual([other.state, refused.state, refused.refusal?.reason], ["queued", "refused", "queue-full"]);
  assert.equal(enter(gate, ask("c", 4, { bounds: { ...bounds, name: "another" } })).state, "queued");
});

test("one that waits too long is refused, and leaves its place", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { gate } = gateByHand();
  enter(gate, ask("a", 1));
  const waiting = enter(gate, ask("a", 1, { bounds: { maxWaitMs: 50 } }));
  t.mock.timers.tick(49);
  assert.equal(waiting.state, "queued");
  t.mock.timers.tick(1);
  assert.deepEqual([waiting.state, waiting.refusal?.reason], ["refused", "timeout"]);
  assert.deepEqual(gate.counts(), [{ limit: "model", inFlight: 1, waiting: 0 }]);
});

test("a limit that grows lets those in that wait, and one that shrinks takes no slot away", async () => {
  const { gate } = gateByHand();
  const requests = Array.from({ length: 4 }, () => enter(gate, ask("a", 1)));
  gate.caps.resize("model", 3);
  gate.dispatch();
  await settled();
  assert.equal(count(requests, "admitted"), 3);
  gate.caps.resize("model", 1);
  requests[0]?.leave();
  await settled();
  assert.equal(count(requests, "admitted"), 3, "those that were, and no other");
  assert.deepEqual(gate.counts(), [{ limit: "model", inFlight: 2, waiting: 1 }]);
});

test("nothing is remembered of clients that are gone, however many there were", () => {
  const { gate } = gateByHand();
  for (let index = 0; index < 100_000; index += 1) enter(gate, ask(`client ${index}`, 1, { key: `client ${index}` })).leave();
  assert.deepEqual([...gate.caps], []);
  assert.ok(gate.rememberedShares <= 1_001, `${gate.rememberedShares} shares`);
});
