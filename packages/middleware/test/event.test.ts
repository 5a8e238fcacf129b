import assert from "node:assert/strict";
import { channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import { test } from "node:test";

import { event } from "@aivillage/middleware";

interface Baked {
  loaves: number;
}

test("listeners get the message itself, at once and in order", () => {
  const baked = event<Baked>("aivillage:test:baked");
  const seen: unknown[] = [];
  const stops = [1, 2].map((listener) => baked.subscribe((message) => void seen.push(listener, message)));
  const message = { loaves: 3 };
  baked.publish(message);
  assert.deepEqual(seen, [1, message, 2, message]);
  assert.equal(seen[1], message);
  for (const stop of stops) stop();
});

test("says whether it has listeners", () => {
  const baked = event<Baked>("aivillage:test:subscribed");
  assert.equal(baked.hasSubscribers, false);
  const stopFirst = baked.subscribe(() => undefined);
  const stopSecond = baked.subscribe(() => undefined);
  stopFirst();
  assert.equal(baked.hasSubscribers, true);
  stopSecond();
  assert.equal(baked.hasSubscribers, false);
});

test("the same listener twice is two listeners, and each is removed by its own function", () => {
  const baked = event<Baked>("aivillage:test:twice");
  let calls = 0;
  const listener = (): void => void (calls += 1);
  const stopFirst = baked.subscribe(listener);
  const stopSecond = baked.subscribe(listener);
  baked.publish({ loaves: 1 });
  assert.equal(calls, 2);
  stopFirst();
  stopFirst();
  baked.publish({ loaves: 1 });
  assert.equal(calls, 3);
  stopSecond();
});

test("publishing without listeners does nothing", () => {
  assert.doesNotThrow(() => event<Baked>("aivillage:test:unsubscribed").publish({ loaves: 1 }));
});

test("the name is that of a diagnostics channel, open to those who do not use this package", () => {
  const baked = event<Baked>("aivillage:test:named");
  assert.equal(baked.name, "aivillage:test:named");
  const seen: unknown[] = [];
  const listener = (message: unknown, name: string | symbol): void => void seen.push(message, name);
  subscribe("aivillage:test:named", listener);
  assert.equal(baked.hasSubscribers, true);
  baked.publish({ loaves: 2 });
  unsubscribe("aivillage:test:named", listener);
  assert.deepEqual(seen, [{ loaves: 2 }, "aivillage:test:named"]);

  const received: number[] = [];
  const stop = baked.subscribe(({ loaves }) => void received.push(loaves));
  channel("aivillage:test:named").publish({ loaves: 5 });
  stop();
  assert.deepEqual(received, [5]);
});

test("an event declared twice is one event", () => {
  const seen: number[] = [];
  const stop = event<Baked>("aivillage:test:one").subscribe(({ loaves }) => void seen.push(loaves));
  event<Baked>("aivillage:test:one").publish({ loaves: 4 });
  stop();
  assert.deepEqual(seen, [4]);
});
