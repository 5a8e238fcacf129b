import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "@aivillage/testing";
import { startFakeProvider } from "@aivillage/testing/fake-provider";

import { startWaitingCall } from "../bench/support/waiting-call.ts";
import { configFile } from "./config-support.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

type Captures = NonNullable<NonNullable<Parameters<typeof startFakeProvider>[0]>["captures"]>;

const token = 'data: {"choices":[{"index":0,"delta":{"content":"word"}}]}\n\n';

/** A gateway with one route to a provider that responds with these captures. */
async function start(captures: Captures, concurrency: object) {
  const stack = new AsyncDisposableStack();
  const provider = stack.use(await startFakeProvider({ captures }));
  const route = { path: "/v1/chat/completions", upstream: [provider.url], ai: "openai-chat", public: true, concurrency };
  const env = { TRUSTED_PROXIES: "127.0.0.1", RATE_LIMIT_REQUESTS: "1000000", CONFIG_FILE: configFile({ routes: [route] }) };
  const gateway = stack.use(await startTestGateway(env));
  return { provider, gateway, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const ask = ({ url }: TestGateway, address: string, body: object): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-forwarded-for": address },
    body: JSON.stringify({ messages: [{ role: "user", content: "Hello there" }], stream: true, ...body }),
  });

/** The value of a gauge that has one series for the backend and one for what a key may take of it. */
async function gaugeOf({ gateway }: TestGateway, name: string): Promise<number> {
  const [, value] = new RegExp(String.raw`^${name}\{limit="[^"]*(?<!\.key)"\} (\d+)$`, "m").exec(await gateway.registry.metrics()) ?? [];
  return Number(value);
}

test("an adaptive limit of an AI route follows the first token, not the head before it nor the text after it", async () => {
  let firstTokenMs = 40;
  let restMs = 0;
  const steps = () => [": hello\n\n", { waitMs: firstTokenMs }, token, { waitMs: restMs }, token, "data: [DONE]\n\n"];
  const captures: Captures = [{ name: "model", dialect: "openai-chat", request: {}, steps }];
  await using served = await start(captures, { adaptive: { min: 2, max: 16 }, perKey: 16 });
  const { gateway } = served;
  const limit = (): Promise<number> => gaugeOf(gateway, "gateway_admission_limit");
  const initial = await limit();
  const over = new AbortController();
  async function client(): Promise<void> {
    while (!over.signal.aborted) await (await ask(gateway, "192.0.2.1", { model: "model" })).text();
  }
  const clients = Array.from({ length: 20 }, client);
  await eventually(async () => (await limit()) > initial, "it climbs while first tokens come as fast as without load");
  restMs = 200;
  await eventually(async () => (await limit()) >= initial + 2, "long responses do not stop it");
  const highest = await limit();
  restMs = 0;
  firstTokenMs = 800;
  await eventually(async () => (await limit()) < highest - 1, "it falls when first tokens are late, although heads are not");
  over.abort();
  await Promise.all(clients);
});

test("on an AI route keys take turns by tokens: short calls do not wait for as many long ones", async () => {
  const held: Captures = [{ name: "held", dialect: "openai-chat", request: {}, steps: () => [token, { waitMs: Infinity }] }];
  await using served = await start(held, { max: 1, perKey: 1 });
  const { gateway, provider } = served;
  const first = await ask(gateway, "192.0.2.9", { model: "held" });
  const calls: Promise<Response>[] = [];
  const waits = async (count: number, address: string, body: object): Promise<void> => {
    for (let sent = 0; sent < count; sent += 1) calls.push(ask(gateway, address, body));
    await eventually(async () => (await gaugeOf(gateway, "gateway_admission_waiting")) === calls.length, "all wait");
  };
  await waits(4, "192.0.2.1", { model: "long", max_tokens: 1_000 });
  await waits(20, "192.0.2.2", { model: "short", max_tokens: 100 });
  await first.body?.cancel();
  for (const response of await Promise.all(calls)) assert.match(await response.text(), /\[DONE\]/);
  const order = provider.calls.slice(1).map(({ body }) => body["model"]);
  const second = order.indexOf("long", order.indexOf("long") + 1);
  const between = order.slice(order.indexOf("long") + 1, second).length;
  assert.ok(between >= 7 && between <= 11, `${between} short calls between two long ones: ${order.join(" ")}`);
});

test("a call that sets no limit of output costs as much as one with a usual limit", async () => {
  const held: Captures = [{ name: "held", dialect: "openai-chat", request: {}, steps: () => [token, { waitMs: Infinity }] }];
  await using served = await start(held, { max: 1, perKey: 1 });
  const { gateway, provider } = served;
  const first = await ask(gateway, "192.0.2.9", { model: "held" });
  const calls: Promise<Response>[] = [];
  for (let sent = 0; sent < 3; sent += 1) calls.push(ask(gateway, "192.0.2.1", { model: "unlimited" }));
  for (let sent = 0; sent < 6; sent += 1) calls.push(ask(gateway, "192.0.2.2", { model: "limited", max_tokens: 1_000 }));
  await eventually(async () => (await gaugeOf(gateway, "gateway_admission_waiting")) === calls.length, "all wait");
  await first.body?.cancel();
  for (const response of await Promise.all(calls)) await response.text();
  const order = provider.calls.slice(1).map(({ body }) => body["model"]);
  const second = order.indexOf("unlimited", order.indexOf("unlimited") + 1);
  assert.ok(second - order.indexOf("unlimited") - 1 >= 3, order.join(" "));
});

test("a call that leaves the queue gives back what its budget holds, and is not charged", async () => {
  await using call = await startWaitingCall();
  const { before, standing } = call;
  await call.leave();
  await eventually(async () => (await standing()).held === before.held, "the hold is back", { state: standing });
  assert.equal((await standing()).spent, before.spent);
});

test("a call that leaves the queue has used no tokens, in its log line and in the metrics", async () => {
  const held: Captures = [{ name: "held", dialect: "openai-chat", request: {}, steps: () => [token, { waitMs: Infinity }] }];
  await using served = await start(held, { max: 1, perKey: 1 });
  const { gateway } = served;
  const first = await ask(gateway, "192.0.2.9", { model: "held" });
  const leaving = new AbortController();
  const second = fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-forwarded-for": "192.0.2.1" },
    body: JSON.stringify({ model: "held", messages: [{ role: "user", content: "Hello there" }], stream: true }),
    signal: leaving.signal,
  }).catch(() => undefined);
  await eventually(async () => (await gaugeOf(gateway, "gateway_admission_waiting")) === 1, "it waits");
  leaving.abort();
  await second;
  const lines = () => gateway.log.filter(({ message }) => message === "request aborted");
  await eventually(() => lines().length === 1, "it is logged");
  const [left] = lines();
  assert.deepEqual([left?.["model"], left?.["input_tokens"], left?.["usage"]], ["held", undefined, undefined]);
  assert.doesNotMatch(await gateway.gateway.registry.metrics(), /^gen_ai_client_inference_usage_input_tokens_total\{/m);
  await first.body?.cancel();
  await eventually(() => lines().length === 2, "the call that was made is logged");
  assert.ok(Number(lines()[1]?.["input_tokens"]) > 0);
  assert.match(await gateway.gateway.registry.metrics(), /^gen_ai_client_inference_usage_input_tokens_total\{/m);
});
