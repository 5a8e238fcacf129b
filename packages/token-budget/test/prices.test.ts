import assert from "node:assert/strict";
import { test } from "node:test";

import { OptionError } from "@aivillage/middleware";
import * as fc from "fast-check";

import { callCosts } from "../src/call-costs.ts";
import { type Prices, tariffs } from "../src/money/prices.ts";
import { mostUnits } from "../src/money/units.ts";

const prices: Prices = {
  currency: "EUR",
  models: {
    "gpt-5-mini": { input: 0.25, cached: 0.025, output: 2 },
    "gpt-*": { input: 1.25, output: 10 },
    "claude-*": { input: 3, cached: 0.3, cacheWrite: 3.75, output: 15 },
    free: { input: 0, output: 0 },
  },
};

const cost = (model: string, counts: Parameters<NonNullable<ReturnType<ReturnType<typeof tariffs>>>["cost"]>[0]) =>
  tariffs(prices)(model)?.cost(counts);

test("each kind of token has its price, and an exact name wins over patterns", () => {
  assert.equal(cost("gpt-5-mini", { input: 1_000_000, output: 1_000_000 }), 2_250_000_000);
  assert.equal(cost("gpt-5", { input: 1_000_000, output: 1_000_000 }), 11_250_000_000);
  assert.equal(cost("gpt-5-mini", { input: 1_000, cachedInput: 1_000, output: 0 }), 25_000);
  assert.equal(cost("claude-x", { input: 3_000, cachedInput: 1_000, cacheWrite: 1_000, output: 1_000 }), 22_050_000);
});

test("what is explicitly zero costs nothing, and anything else costs at least 10^-9", () => {
  assert.equal(cost("free", { input: 1e9, output: 1e9 }), 0);
  assert.equal(tariffs({ currency: "EUR", models: { m: { input: 1e-6, output: 0 } } })("m")?.cost({ input: 1, output: 0 }), 1);
});

test("a model without a price is refused, or free if the prices say so", () => {
  assert.equal(tariffs(prices)("other"), undefined);
  assert.equal(tariffs(prices)(undefined), undefined);
  assert.equal(tariffs({ ...prices, unknownModel: "free" })("other")?.cost({ input: 5, output: 5 }), 0);
});

test("the most that a call can cost is never less than what it costs, whatever comes from a cache", () => {
  const counts = fc.record({ input: fc.nat(1e7), output: fc.nat(1e7), cached: fc.double({ min: 0, max: 1, noNaN: true }) });
  const price = fc.record({ input: fc.nat(100), cached: fc.nat(100), cacheWrite: fc.nat(100), output: fc.nat(100) });
  fc.assert(
    fc.property(counts, price, ({ input, output, cached }, each) => {
      const tariff = tariffs({ currency: "USD", models: { m: each } })("m");
      const cachedInput = Math.floor(input * cached);
      const cacheWrite = Math.floor((input - cachedInput) * cached);
      assert.ok(tariff);
      assert.ok(tariff.mostFor(input, output) >= tariff.cost({ input, output, cachedInput, cacheWrite }));
    }),
  );
});

test("costs are exact where products are beyond exact numbers, and bounded", () => {
  const dear = tariffs({ currency: "EUR", models: { m: { input: 999_999.999999999, output: 1 } } })("m");
  assert.ok(dear);
  const exact = (10_000_019n * 999_999_999_999_999n + 999_999n) / 1_000_000n;
  assert.equal(BigInt(dear.cost({ input: 10_000_019, output: 0 })), exact > BigInt(mostUnits) ? BigInt(mostUnits) : exact);
  assert.equal(dear.cost({ input: 999_983, output: 0 }), Number((999_983n * 999_999_999_999_999n + 999_999n) / 1_000_000n));
  assert.equal(dear.cost({ input: 1e12, output: 0 }), mostUnits);
});

test("bad prices are refused by name", () => {
  const bad: [unknown, RegExp][] = [
    [{ ...prices, currency: "euro" }, /`prices.currency` must be a currency/],
    [{ currency: "EUR", models: { m: { input: 1 } } }, /`prices.models\["m"\].output` must be a number of currency units/],
    [{ currency: "EUR", models: { m: { input: -1, output: 1 } } }, /`prices.models\["m"\].input`/],
    [{ currency: "EUR", models: { m: { input: 1, output: 1, cache: 1 } } }, /unknown option `prices.models\["m"\].cache`/],
    [{ currency: "EUR", models: { m: 3 } }, /`prices.models\["m"\].input`/],
    [{ ...prices, unknownModel: "guess" }, /`prices.unknownModel` must be one of/],
  ];
  for (const [given, message] of bad) {
    assert.throws(
      () => tariffs(given as Prices),
      (error) => error instanceof OptionError && message.test(error.message),
      message.source,
    );
  }
});

test("what a call has cost is computed apart from any budget", () => {
  const costOf = callCosts({ currency: "EUR", models: { "gpt-*": { input: 1.25, cached: 0.125, output: 10 } } });
  assert.equal(costOf("gpt-5", { input: 1_000, cachedInput: 400, output: 100 }), 0.0018);
  assert.equal(costOf("gpt-5", { input: 0, output: 0 }), 0);
  assert.equal(costOf("other", { input: 1_000, output: 100 }), undefined);
});

test("a call that other models may have served costs what the dearest costs, as in a budget", () => {
  const costOf = callCosts({ currency: "EUR", models: { small: { input: 1, output: 2 }, large: { input: 10, output: 20 } } });
  const usage = { input: 1_000, output: 100 };
  assert.equal(costOf("small", usage), 0.0012);
  assert.equal(costOf("small", usage, ["large"]), 0.012);
  assert.equal(costOf("large", usage, ["small"]), 0.012);
  assert.equal(costOf("small", usage, ["other"]), undefined);
});
