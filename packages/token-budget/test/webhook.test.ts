import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";

import { OptionError } from "@aivillage/middleware";
import { eventually } from "@aivillage/testing";
import OpenAI from "openai";

import {
  budgetThresholdReached,
  budgetWebhook,
  budgetWebhookEnded,
  type BudgetWebhookEnded,
  type BudgetWebhookOptions,
} from "../src/index.ts";

const secret = `whsec_${Buffer.from("a secret of twenty-four bytes or more").toString("base64")}`;
const resetsAt = new Date("2030-02-01T00:00:00Z");

interface Received {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A receiver that responds with these statuses, then with 204. `hang` lets it never respond. */
async function startReceiver(t: TestContext, statuses: (number | "hang")[] = []) {
  const received: Received[] = [];
  const server = createServer(async (req, res) => {
    received.push({ headers: req.headers, body: await text(req) });
    const status = statuses.shift() ?? 204;
    if (status !== "hang") res.writeHead(status, status === 302 ? { location: "/elsewhere" } : {}).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks?team=a`, received };
}

function reach(percent = 80): void {
  budgetThresholdReached.publish({ budget: "daily", unit: "tokens", key: "key:ada", percent, limit: 100, spent: percent, resetsAt });
}

function ended(t: TestContext): BudgetWebhookEnded[] {
  const messages: BudgetWebhookEnded[] = [];
  t.after(budgetWebhookEnded.subscribe((message) => messages.push(message)));
  return messages;
}

async function start(t: TestContext, options: BudgetWebhookOptions) {
  const webhook = budgetWebhook(options);
  t.after(() => webhook.close());
  return webhook;
}

test("a threshold is a message that a verifier of Standard Webhooks accepts, and no changed one", async (t) => {
  const { url, received } = await startReceiver(t);
  await start(t, { url, secret });
  reach(100);
  await eventually(() => received.length === 1, "it is delivered");
  const [{ headers, body } = { headers: {}, body: "" }] = received;
  const openai = new OpenAI({ apiKey: "none" });
  const verify = (payload: string, key = secret) => openai.webhooks.verifySignature(payload, headers, key);
  await verify(body);
  await assert.rejects(async () => verify(body.replace("key:ada", "key:bob")));
  await assert.rejects(async () => verify(body, `whsec_${Buffer.from("another secret of many bytes").toString("base64")}`));
  const { type, timestamp, data } = JSON.parse(body) as { type: string; timestamp: string; data: object };
  assert.equal(type, "budget.threshold_reached");
  assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 600_000);
  assert.deepEqual(data, {
    budget: "daily",
    unit: "tokens",
    key: "key:ada",
    percent: 100,
    limit: 100,
    spent: 100,
    resets_at: "2030-02-01T00:00:00.000Z",
  });
});

test("a message that a receiver does not take is tried again with its id, until it is taken", async (t) => {
  const messages = ended(t);
  const { url, received } = await startReceiver(t, [500, "hang", 302, 429]);
  await start(t, { url, secret, retryMs: 1, timeoutMs: 200 });
  reach();
  await eventually(() => messages.length === 1, "it is delivered");
  assert.deepEqual([messages[0]?.delivered, messages[0]?.attempts, messages[0]?.error], [true, 5, undefined]);
  assert.equal(new Set(received.map(({ headers }) => headers["webhook-id"])).size, 1);
  assert.equal(messages[0]?.id, received[0]?.headers["webhook-id"]);
});

test("a message is given up after its attempts, and those beyond the queue at once", async (t) => {
  const messages = ended(t);
  const { url, received } = await startReceiver(t, [500, 500, 500]);
  await start(t, { url, secret, retryMs: 1, attempts: 3, maxWaiting: 1 });
  reach(80);
  reach(100);
  await eventually(() => messages.length === 2, "both are given up");
  assert.deepEqual(
    messages.map(({ delivered, attempts, error }) => [delivered, attempts, error?.message]),
    [
      [false, 0, "too many messages wait"],
      [false, 3, "the receiver responded with 500"],
    ],
  );
  assert.equal(received.length, 3);
});

test("at the end what waits is tried once more", async (t) => {
  const messages = ended(t);
  const { url, received } = await startReceiver(t, [500]);
  const webhook = budgetWebhook({ url, secret, retryMs: 60_000 });
  reach();
  await eventually(() => received.length === 1 && webhook.waiting === 1, "the first attempt failed");
  await webhook.close();
  assert.deepEqual([received.length, webhook.waiting, messages[0]?.delivered], [2, 0, true]);
  reach();
  assert.equal(webhook.waiting, 0, "it takes no more");
});

test("a secret is read for each attempt, so that a file may be replaced", async (t) => {
  const messages = ended(t);
  const { url, received } = await startReceiver(t);
  let attempts = 0;
  const secretOf = (): string => {
    attempts += 1;
    return attempts === 1 ? "being replaced" : secret;
  };
  await start(t, { url, secret: secretOf, retryMs: 1 });
  reach();
  await eventually(() => messages.length === 1, "it is delivered");
  assert.deepEqual([received.length, messages[0]?.attempts], [1, 2]);
});

test("bad options are refused, and no error holds a secret", () => {
  for (const [bad, expected] of [
    [{ secret }, /`url` must be an http/],
    [{ url: "ftp://example.com", secret }, /`url` must be an http/],
    [{ url: "https://user:pass@example.com", secret }, /`url` must be an http/],
    [{ url: "https://example.com", secret: "whsec_c2hvcnQ=" }, /`secret` must be "whsec_"/],
    [{ url: "https://example.com", secret: "a plain text that is long enough" }, /`secret` must be "whsec_"/],
    [{ url: "https://example.com", secret, attempts: 0 }, /`attempts` must be/],
  ] as const) {
    assert.throws(
      () => budgetWebhook(bad as BudgetWebhookOptions),
      (error) => error instanceof OptionError && expected.test(error.message) && !/plain text|c2hvcnQ/.test(error.message),
    );
  }
});
