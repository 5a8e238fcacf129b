import assert from "node:assert/strict";
import { test } from "node:test";

import { OptionError } from "@aivillage/middleware";

import { ClusterStore, MemoryStore, RedisStore, tokenBudget, type TokenBudgetOptions } from "../src/index.ts";

const good: TokenBudgetOptions = {
  budgets: [{ name: "daily", unit: "tokens", limit: 1_000, period: "day" }],
  call: () => undefined,
  usage: () => undefined,
};
const budget = { name: "daily", unit: "tokens", limit: 1_000, period: "day" };

const bad: readonly [why: string, given: unknown, message: RegExp][] = [
  ["no budgets", { ...good, budgets: undefined }, /`budgets` must be a list/],
  ["an empty list of budgets", { ...good, budgets: [] }, /`budgets` must be a list of at least one budget/],
  ["no call", { ...good, call: undefined }, /`call` must be a function/],
  ["an async call", { ...good, call: async () => undefined }, /`call` must be a function; it must not be async/],
  ["an unknown option", { ...good, budget: 1 }, /unknown option `budget` \(did you mean `budgets`\?\)/],
  ["a budget without a limit", { ...good, budgets: [{ ...budget, limit: undefined }] }, /`budgets\[0\].limit`/],
  [
    "a limit that is no integer",
    { ...good, budgets: [{ ...budget, limit: 1.5 }] },
    /`budgets\[0\].limit` must be an integer from 0 to 10+,/,
  ],
  ["a limit that is too large", { ...good, budgets: [{ ...budget, limit: 1e16 }] }, /`budgets\[0\].limit`/],
  ["a name with a colon", { ...good, budgets: [{ ...budget, name: "a:b" }] }, /`budgets\[0\].name`/],
  ["a repeated name", { ...good, budgets: [budget, budget] }, /`budgets\[1\].name` must be a name that no other budget has/],
  ["an unknown unit", { ...good, budgets: [{ ...budget, unit: "words" }] }, /`budgets\[0\].unit` must be "tokens"/],
  ["prices in a Map", { ...good, prices: new Map([["models", {}]]) }, /`prices` must be an object with .*, got Map/],
  ["money without prices", { ...good, budgets: [{ ...budget, unit: "EUR" }] }, /`budgets\[0\].unit` must be the currency of `prices`/],
  ["an unknown period", { ...good, budgets: [{ ...budget, period: "week" }] }, /`budgets\[0\].period` must be "hour", "day", "month"/],
  ["a period of no length", { ...good, budgets: [{ ...budget, period: { ms: 0 } }] }, /`budgets\[0\].period`/],
  ["an unknown time zone", { ...good, budgets: [{ ...budget, timeZone: "Mars" }] }, /`budgets\[0\].timeZone` must be a time zone/],
  ["an unknown policy", { ...good, budgets: [{ ...budget, outage: "half" }] }, /`budgets\[0\].outage` must be one of/],
  ["a short lease", { ...good, leaseMs: 10 }, /`leaseMs` must be an integer from 1000 to 600000/],
  ["no block", { ...good, unknownMax: { block: 0 } }, /`unknownMax.block`/],
  ["an unknown end", { ...good, onEnd: "stop" }, /`onEnd` must be one of "cut", "finish"/],
  ["a store that is none", { ...good, store: {} }, /`store` must be an object with the functions of a BudgetStore/],
];

for (const [why, given, message] of bad) {
  test(`${why} is refused`, () => {
    assert.throws(
      () => tokenBudget(given as TokenBudgetOptions),
      (error) => error instanceof OptionError && message.test(error.message),
    );
  });
}

test("stores refuse bad options, and say where they belong", () => {
  assert.throws(() => new MemoryStore({ fsync: "often" as never }), /`fsync` must be one of "always", "second", "never"/);
  assert.throws(() => new RedisStore({} as never), /`client` must be a client of `redis` or ioredis/);
  assert.throws(() => new RedisStore({ client: { call: async () => 1 }, prefix: "{x}" }), /`prefix` must be a string without braces/);
  assert.throws(() => new ClusterStore(), /belongs in a worker/);
});
