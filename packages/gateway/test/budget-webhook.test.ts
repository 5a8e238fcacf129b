import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";

import { eventually, temporaryFile } from "@aivillage/testing";
import { startFakeProvider } from "@aivillage/testing/fake-provider";
import OpenAI from "openai";

import { loadConfig } from "../src/index.ts";
import { configFile } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const path = "/v1/chat/completions";
const hello = { model: "gpt-5", max_tokens: 20, messages: [{ role: "user", content: "hello" }] };
const secret = `whsec_${Buffer.from("a secret of twenty-four bytes or more").toString("base64")}`;

test("a budget that is spent is reported to the webhook, signed, across a reload and at the end, and never holds up a call", async (t) => {
  const received: { headers: IncomingHttpHeaders; body: string }[] = [];
  const receiver = createServer(async (req, res) => {
    received.push({ headers: req.headers, body: await text(req) });
    res.end();
  }).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  t.after(() => receiver.close());
  using file = temporaryFile("secret");
  writeFileSync(file.path, `${secret}\n`, { mode: 0o600 });
  await using provider = await startFakeProvider();
  const routes = [{ path, upstream: [provider.url], ai: "openai-chat" }];
  const limits = [{ name: "daily", unit: "calls", limit: 5, period: "day" }];
  const webhook = { url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`, secretFile: file.path };
  const env = { CONFIG_FILE: configFile({ routes, budgets: { limits, webhook } }) };
  {
    await using gateway = await startTestGateway(env);
    for (let call = 0; call < 5; call += 1) {
      assert.equal((await (await gateway.post(path, hello)).text()).length > 0, true);
      gateway.gateway.reload(gateway.gateway.config);
    }
    await eventually(() => received.length === 2, "both thresholds are delivered");
    await eventually(
      async () => /^gateway_budget_webhooks_total\{outcome="delivered"\} 2$/m.test(await gateway.gateway.registry.metrics()),
      "they are counted",
    );
  }
  const openai = new OpenAI({ apiKey: "none" });
  for (const { headers, body } of received) await openai.webhooks.verifySignature(body, headers, secret);
  const data = received.map(({ body }) => (JSON.parse(body) as { data: { key: string; percent: number } }).data);
  assert.deepEqual(data.map(({ key, percent }) => `${key} ${percent}`).toSorted(), ["key:default 100", "key:default 80"]);
});

test("a webhook without a secret, and a secret that cannot sign, are refused with their remedy", () => {
  using file = temporaryFile("secret");
  writeFileSync(file.path, "short", { mode: 0o600 });
  const problemsOf = (env: Record<string, string>): string => {
    try {
      loadConfig({ env });
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  const url = { BUDGET_WEBHOOK_URL: "https://example.com/hook?team=a" };
  assert.match(problemsOf(url), /BUDGET_WEBHOOK_URL is set without BUDGET_WEBHOOK_SECRET_FILE/);
  assert.match(problemsOf({ BUDGET_WEBHOOK_SECRET_FILE: file.path }), /set without BUDGET_WEBHOOK_URL/);
  assert.match(problemsOf({ ...url, BUDGET_WEBHOOK_SECRET_FILE: file.path }), /must hold "whsec_" and 24 to 64 random bytes/);
  assert.match(problemsOf({ ...url, BUDGET_WEBHOOK_SECRET_FILE: "/nowhere" }), /\/nowhere cannot be read/);
  assert.match(problemsOf({ BUDGET_WEBHOOK_URL: "https://user:password@example.com" }), /BUDGET_WEBHOOK_URL must be an http/);
});
