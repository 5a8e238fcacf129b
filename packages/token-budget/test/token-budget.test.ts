import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";

import { aiCall, getAiCall, getAiProgress } from "@aivillage/ai-call";
import { compose, toListener } from "@aivillage/middleware";
import { problemDetails } from "@aivillage/problem-details";
import { eventually, forEachHost, listen } from "@aivillage/testing";

import { budgetDecided, budgetSettled, type BudgetStanding, budgetThresholdReached, MemoryStore, tokenBudget } from "../src/index.ts";
import { call, monthly, respondWith, serveBudget } from "./app.ts";
import { streamTokens } from "./provider.ts";

interface Problem {
  readonly type: string;
  readonly detail: string;
  readonly resets_at: string;
  readonly "violated-policies": readonly string[];
  readonly error: { readonly code: string; readonly message: string };
}

forEachHost((host) => {
  test("a call holds the most that it may use, and is charged what it has used", async (t) => {
    const store = new MemoryStore();
    t.after(() => store.close());
    let during: unknown;
    const app = await serveBudget(t, host, { store }, (res) => {
      [during] = store.list();
      respondWith(10, 25)(res);
    });
    const response = await call(app.url, { max_tokens: 100 });
    assert.equal(response.status, 200);
    const held = (during as { held: number }).held;
    assert.ok(held > 100 && held < 130, String(held));
    const standing = await eventually(() => store.list().find(({ spent }) => spent > 0), "it is charged");
    assert.deepEqual([standing?.spent, standing?.held], [35, 0]);
    assert.equal(response.headers.get("x-ratelimit-limit-tokens"), "1000");
    assert.equal(response.headers.get("x-ratelimit-remaining-tokens"), String(1_000 - held));
    assert.match(response.headers.get("x-ratelimit-reset-tokens") ?? "", /^\d+s$/);
    assert.match(response.headers.get("ratelimit-policy") ?? "", /^"monthly";q=1000;w=2\d+;qu="aivillage-tokens"$/);
    assert.match(response.headers.get("ratelimit") ?? "", new RegExp(`^"monthly";r=${1_000 - held};t=\\d+$`));
  });

  test("a call that passes it twice is charged once", async (t) => {
    const store = new MemoryStore();
    const budgets = [monthly, { ...monthly, name: "calls", unit: "calls" }];
    const budget = tokenBudget({ budgets, call: getAiCall, usage: getAiProgress, store });
    t.after(() => [budget, store].forEach((each) => each.close()));
    const handlers = [aiCall({ dialect: "openai-chat" }), budget, budget];
    await using app = await host.serve([...handlers, (_req, res) => respondWith(10, 25)(res)]);
    assert.equal((await call(app.url, { max_tokens: 100 })).status, 200);
    await eventually(() => store.list().every(({ spent }) => spent > 0), "it is charged");
    assert.deepEqual(
      store.list().map(({ budget: name, spent, held }) => [name, spent, held]),
      [
        ["monthly", 35, 0],
        ["calls", 1, 0],
      ],
    );
  });

  test("a call that does not fit is refused with a reason that SDKs can read, and reaches nobody", async (t) => {
    const app = await serveBudget(t, host, {}, respondWith(900, 50));
    assert.equal((await call(app.url, { max_tokens: 100 })).status, 200);
    await eventually(async () => (await call(app.url, { max_tokens: 100 })).status === 429, "the budget is used up");
    const reached = app.reached.length;
    const response = await call(app.url, { max_tokens: 100 });
    assert.equal(response.status, 429);
    assert.equal(response.headers.get("x-should-retry"), "false");
    assert.equal(response.headers.get("retry-after"), null);
    const problem = (await response.json()) as Problem;
    assert.deepEqual(problem["violated-policies"], ["monthly"]);
    assert.match(problem.type, /#quota-exceeded$/);
    assert.equal(problem.error.code, "insufficient_quota");
    assert.equal(problem.error.message, problem.detail);
    assert.ok(Date.parse(problem.resets_at) > Date.now());
    assert.equal(app.reached.length, reached);
    assert.equal((await call(app.url, { max_tokens: 100 }, "bob")).status, 200, "others have budgets of their own");
  });

  test("of concurrent calls only so many pass as fit with the most that they may use", async (t) => {
    const waiting: ServerResponse[] = [];
    const app = await serveBudget(t, host, {}, (res) => waiting.push(res));
    let refused = 0;
    const statuses = Promise.all(
      Array.from({ length: 30 }, async () => {
        const { status } = await call(app.url, { max_tokens: 180 });
        if (status === 429) refused += 1;
        return status;
      }),
    );
    await eventually(() => waiting.length + refused === 30, "all are decided");
    assert.equal(waiting.length, 5);
    for (const res of waiting) respondWith(10, 10)(res);
    assert.equal((await statuses).filter((status) => status === 200).length, 5);
  });

  test("a call that only running calls keep from fitting may come again", async (t) => {
    const app = await serveBudget(t, host, {}, () => undefined);
    const first = call(app.url, { max_tokens: 900 }).catch(() => undefined);
    await eventually(() => app.reached.length === 1, "the first call runs");
    const response = await call(app.url, { max_tokens: 900 });
    assert.deepEqual([response.status, response.headers.get("retry-after"), response.headers.get("x-should-retry")], [429, "10", null]);
    app.reached[0]?.socket.destroy();
    await first;
  });

  test("a failed call costs nothing", async (t) => {
    const app = await serveBudget(t, host, {}, (res) => {
      res.statusCode = 503;
      res.end("{}");
    });
    await call(app.url, { max_tokens: 900 });
    const again = await eventually(async () => {
      const response = await call(app.url, { max_tokens: 900 });
      return response.status === 503 ? response : undefined;
    }, "what the first call held is free");
    assert.equal(again?.status, 503);
  });

  test("a client that leaves is charged what has passed, and holds nothing any more", async (t) => {
    const store = new MemoryStore();
    t.after(() => store.close());
    const app = await serveBudget(t, host, { store }, (res) => void streamTokens(res, { tokens: 400, everyMs: 1 }));
    const controller = new AbortController();
    const response = await fetch(app.url, {
      method: "POST",
      headers: { "x-user": "ann" },
      body: JSON.stringify({ stream: true, max_tokens: 500, messages: [] }),
      signal: controller.signal,
    });
    await response.body?.getReader().read();
    controller.abort();
    const standing = await eventually(() => store.list().find(({ held }) => held === 0), "it holds nothing");
    assert.ok(standing !== undefined && standing.spent > 0 && standing.spent < 500, String(standing?.spent));
  });
});

test("the caller's standing is there without a call, and requests without a call pass", async (t) => {
  const budget = tokenBudget({ budgets: [monthly], call: () => undefined, usage: () => undefined });
  t.after(() => budget.close());
  await using server = await listen(
    toListener((req, res, next) => {
      budget(req, res, () => void budget.standing(req).then((standings) => res.end(JSON.stringify(standings)), next));
    }),
  );
  const response = await fetch(server.url, { headers: { "x-user": "ann" } });
  const [standing] = (await response.json()) as BudgetStanding[];
  assert.deepEqual([standing?.budget, standing?.limit, standing?.spent, standing?.remaining], ["monthly", 1_000, 0, 1_000]);
  assert.equal(response.headers.get("ratelimit"), null);
});

test("events say what was decided, what was charged and which thresholds were reached, each once", async (t) => {
  const log: string[] = [];
  const unsubscribe = [
    budgetDecided.subscribe(({ allowed, violated }) => log.push(`${allowed ? "allowed" : "refused"} ${violated.join()}`)),
    budgetSettled.subscribe(({ charged, end }) => log.push(`${end} ${JSON.stringify(charged)}`)),
    budgetThresholdReached.subscribe(({ budget, key, percent, spent }) => log.push(`${percent} % of ${budget} of ${key}: ${spent}`)),
  ];
  t.after(() => unsubscribe.forEach((stop) => stop()));
  const store = new MemoryStore();
  const budget = tokenBudget({
    budgets: [{ ...monthly, limit: 100 }],
    call: () => ({ model: "m", estimatedInputTokens: 0, maxOutputTokens: 45 }),
    usage: () => ({ input: 0, output: 45 }),
    store,
  });
  t.after(() => [budget, store].forEach((each) => each.close()));
  await using server = await listen(
    toListener(
      compose(budget, (_req, res) => void res.end()),
      problemDetails(),
    ),
  );
  for (const settled of [45, 90, 90]) {
    await (await fetch(server.url, { headers: { "x-user": "ann" } })).text();
    await eventually(() => store.list()[0]?.held === 0 && store.list()[0]?.spent === settled, "it is settled");
  }
  const charged = 'ended {"monthly":45}';
  assert.deepEqual(log, ["allowed ", charged, "allowed ", charged, "80 % of monthly of ann: 90", "refused monthly"]);
});

test("money is counted by the prices of the requested model, and a model without a price is refused", async (t) => {
  const store = new MemoryStore();
  const budget = tokenBudget({
    budgets: [{ name: "money", unit: "EUR", limit: 0.01, period: "day", timeZone: "Europe/Berlin" }],
    prices: { currency: "EUR", models: { "gpt-*": { input: 1, cached: 0.1, output: 10 } } },
    call: (req) => ({ model: req.headers["x-model"]?.toString(), estimatedInputTokens: 100, maxOutputTokens: 500 }),
    usage: () => ({ input: 100, cachedInput: 50, output: 300 }),
    store,
  });
  t.after(() => [budget, store].forEach((each) => each.close()));
  await using server = await listen(
    toListener(
      compose(budget, (_req, res) => void res.end()),
      problemDetails(),
    ),
  );
  const ask = (model: string): Promise<Response> => fetch(server.url, { headers: { "x-model": model } });
  assert.equal((await ask("gpt-5")).status, 200);
  await eventually(() => store.list()[0]?.held === 0, "it is settled");
  assert.equal(store.list()[0]?.spent, 3_055_000);
  const refused = await ask("other");
  assert.deepEqual([refused.status, ((await refused.json()) as Problem).error.code], [403, "model-not-priced"]);
  assert.equal((await ask("gpt-5")).status, 200);
  await eventually(() => store.list()[0]?.held === 0, "it is settled");
  const full = await ask("gpt-5");
  assert.equal(full.status, 429);
  assert.match(((await full.json()) as Problem).detail, /may use 0.0051 EUR, and of the 0.01 EUR of the budget "money" 0.00611 are spent/);
});

test("a call that one of several models will serve costs what the dearest costs, and all of them need a price", async (t) => {
  const store = new MemoryStore();
  const budget = tokenBudget({
    budgets: [{ name: "money", unit: "EUR", limit: 1, period: "day" }],
    prices: { currency: "EUR", models: { small: { input: 5, output: 1 }, large: { input: 1, output: 100 } } },
    call: (req) => ({
      model: "small",
      otherModels: String(req.headers["x-others"]).split(","),
      estimatedInputTokens: 0,
      maxOutputTokens: 1_000,
    }),
    usage: () => ({ input: 0, output: 1_000 }),
    store,
  });
  t.after(() => [budget, store].forEach((each) => each.close()));
  await using server = await listen(
    toListener(
      compose(budget, (_req, res) => void res.end()),
      problemDetails(),
    ),
  );
  const ask = async (others: string): Promise<number> => (await fetch(server.url, { headers: { "x-others": others } })).status;
  assert.equal(await ask("large,small"), 200);
  await eventually(() => store.list()[0]?.held === 0, "it is settled");
  assert.equal(store.list()[0]?.spent, 100_000_000);
  assert.equal(await ask("small,other"), 403);
});
