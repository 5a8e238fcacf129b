import assert from "node:assert/strict";
import { test } from "node:test";

import { OptionError } from "@aivillage/middleware";

import { MemoryStore, tokenBudget } from "../src/index.ts";

const day = { period: "day", key: () => "ann" } as const;
const options = {
  budgets: [
    { ...day, name: "tokens", unit: "tokens", limit: 100 },
    { ...day, name: "money", unit: "EUR", limit: 5 },
    { ...day, name: "shared", unit: "calls", limit: () => 7, period: "hour" as const },
  ],
  prices: { currency: "EUR", models: {} },
  call: () => undefined,
  usage: () => undefined,
};

test("operators see the accounts of the current periods, grant for a period, and reset", async (t) => {
  const store = new MemoryStore();
  const budget = tokenBudget({ ...options, store });
  t.after(() => {
    budget.close();
    store.close();
  });
  assert.deepEqual(await budget.list(), []);
  const granted = await budget.grant("money", "ann", 2.5);
  assert.deepEqual([granted.limit, granted.granted, granted.remaining, granted.key], [7.5, 2.5, 7.5, "ann"]);
  assert.ok(granted.startsAt <= new Date() && granted.resetsAt > new Date());
  await budget.grant("tokens", "key10", 50);
  await budget.grant("tokens", "key9", 50);
  await budget.grant("tokens", "key9", -20);
  const over = { budget: "tokens", key: "ann", startMs: 0, endMs: 1 };
  await store.settle("long ago", [{ ...over, used: 3 }]);
  await store.settle("elsewhere", [{ budget: "gone", key: "ann", startMs: 0, endMs: Date.now() + 60_000, used: 3 }]);
  assert.deepEqual(
    (await budget.list()).map(({ budget: name, key, limit }) => [name, key, limit]),
    [
      ["money", "ann", 7.5],
      ["tokens", "key9", 130],
      ["tokens", "key10", 150],
    ],
  );
  assert.equal((await budget.list({ budget: "tokens", key: "key9" })).length, 1);
  const reset = await budget.reset("money", "ann");
  assert.deepEqual([reset.limit, reset.granted, reset.spent], [5, 0, 0]);
});

test("a budget that is unknown, and an amount that cannot be counted, are refused", async (t) => {
  const budget = tokenBudget(options);
  t.after(() => budget.close());
  await assert.rejects(
    budget.grant("other", "ann", 1),
    (error) => error instanceof OptionError && /tokens, money, shared/.test(error.message),
  );
  await assert.rejects(budget.reset("other", "ann"), OptionError);
  for (const amount of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 1e16])
    await assert.rejects(budget.grant("tokens", "ann", amount), OptionError);
});

test("a store that is down is a 503 problem", async (t) => {
  const store = new MemoryStore({ maxAccounts: 1 });
  const budget = tokenBudget({ ...options, store });
  t.after(() => store.close());
  await budget.grant("tokens", "ann", 1);
  await assert.rejects(budget.grant("tokens", "bob", 1), { status: 503, type: "budget-unavailable" });
});
