import assert from "node:assert/strict";
import { test } from "node:test";

import { configWarnings } from "../src/config/rules/config-warnings.ts";
import { loadConfig } from "../src/index.ts";
import { configFile, problemsOf } from "./config-support.ts";

const route = { path: "/v1/chat/completions", upstream: ["http://models:9000"], ai: "openai-chat" };
const budget = { name: "daily", unit: "tokens", limit: 100, period: "day" };
const problems = (document: object, env: Record<string, string> = {}): string =>
  problemsOf({ env, file: configFile({ routes: [route], ...document }) }).join("\n");
const problemsOfBudget = (more: object, document: object = {}): string =>
  problems({ budgets: { limits: [{ ...budget, ...more }] }, ...document });

test("a budget that cannot be meant is refused with its location and the remedy", () => {
  assert.match(problemsOfBudget({ limt: 1 }), /`budgets.limits`\[0\] daily `limt` is unknown: did you mean `limit`\?/);
  assert.match(problemsOfBudget({ unit: "euro" }), /\[0\] daily `unit` must be one of tokens, input, output, calls, or the currency/);
  assert.match(problemsOfBudget({ period: "week" }), /\[0\] daily `period` must be hour, day, month, or a number of seconds/);
  assert.match(
    problemsOfBudget({ timeZone: "Europe/Belrin" }),
    /`budgets.limits\[0\].timeZone` must be a time zone, such as Europe\/Berlin/,
  );
  assert.match(problemsOfBudget({ limit: 1.5 }), /`budgets.limits\[0\].limit` must be an integer from 0/);
  assert.match(problemsOfBudget({ by: "key" }), /\[0\] daily `by` must be one of principal, tenant, tier, all/);
  assert.match(problemsOfBudget({ when: { routes: ["/v1/chat/completion"] } }), /did you mean \/v1\/chat\/completions\?/);
  const plain = { path: "/plain", upstream: ["http://models:9000"] };
  assert.match(
    problemsOfBudget({ when: { routes: ["/plain"] } }, { routes: [route, plain] }),
    /names the route \/plain, which has no `ai`/,
  );
  assert.match(problems({ budgets: { limits: [budget, budget] } }), /\[1\] daily has the name of \[0\]/);
});

test("budgets of money need prices in their currency", () => {
  const models = [{ model: "gpt-*", input: 1, output: 2 }];
  assert.match(problemsOfBudget({ unit: "EUR" }), /counts EUR, but there are no prices: set `prices.currency`/);
  assert.match(problemsOfBudget({ unit: "EUR" }, { prices: { currency: "USD", models } }), /counts EUR, but the prices are in USD/);
  assert.match(problems({ prices: { models } }), /prices without a currency/);
  assert.match(problems({ prices: { currency: "EUR", models: [...models, ...models] } }), /\[1\] gpt-\* has a price already/);
  assert.match(problems({ prices: { currency: "euro", models } }), /`prices.currency` must be three capital letters/);
});

test("a month needs a journal or Redis, and they exclude each other", () => {
  const month = { budgets: { limits: [{ ...budget, period: "month" }] } };
  assert.match(problems(month), /lasts a month, but a restart forgets what was used: set BUDGET_JOURNAL or REDIS_URL/);
  loadConfig({ env: { BUDGET_JOURNAL: "budgets.journal" }, file: configFile({ routes: [route], ...month }) });
  loadConfig({ env: { REDIS_URL: "redis://127.0.0.1:1" }, file: configFile({ routes: [route], ...month }) });
  assert.match(problems(month, { BUDGET_JOURNAL: "budgets.journal", REDIS_URL: "redis://127.0.0.1:1" }), /Redis keeps the budgets/);
});

test("a route without `ai` that a caller with a budget may use is a warning", () => {
  const plain = { path: "/v1/other", methods: ["POST"], body: "stream", upstream: ["http://models:9000"] };
  const warningsOf = (more: object, of: object = {}): string[] => {
    const document = { routes: [route, { ...plain, ...of }], budgets: { limits: [{ ...budget, ...more }] } };
    const warnings = configWarnings(loadConfig({ env: {}, file: configFile(document) }));
    return warnings.flatMap(({ rule, text }) => (rule === "unmetered-route" ? [text] : []));
  };
  assert.match(warningsOf({}).join(), /`routes`\[1\] \/v1\/other has no `ai`, so calls there are free of the budgets daily/);
  assert.equal(warningsOf({ when: { tiers: ["premium"] } }, { tiers: ["premium"] }).length, 1);
  assert.deepEqual(warningsOf({ when: { tiers: ["premium"] } }, { tiers: ["internal"] }), []);
  assert.deepEqual(warningsOf({ when: { routes: [route.path] } }), []);
});
