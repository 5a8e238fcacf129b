import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "@aivillage/testing";
import { startFakeProvider } from "@aivillage/testing/fake-provider";

import { configFile } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

/** The value of the series with these labels. */
function valueOf(metrics: string, name: string, labels: Readonly<Record<string, string>>): number | undefined {
  const series = metrics
    .split("\n")
    .find((line) => line.startsWith(`${name}{`) && Object.entries(labels).every((label) => line.includes(asText(label))));
  return series === undefined ? undefined : Number(series.slice(series.lastIndexOf(" ")));
}

const asText = ([name, value]: readonly [string, string]): string => `${name}="${value}"`;

test("calls are counted by model once a service has accepted one, with their tokens and times", async () => {
  const refused = { name: "no-such", dialect: "openai-chat", request: {}, status: 404, type: "application/json" } as const;
  await using provider = await startFakeProvider({ captures: [{ ...refused, steps: () => ["{}"] }] });
  const route = { path: "/v1/chat/completions", upstream: [provider.url], ai: "openai-chat" };
  await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ routes: [route] }) });
  const ask = async (model: string, stream: boolean): Promise<void> => {
    const response = await gateway.post(route.path, { model, stream, messages: [{ role: "user", content: "Six tokens are in this" }] });
    await response.text();
  };
  await ask("good", true);
  await ask("good", false);
  await ask("no-such", false);
  const calls = { endpoint: route.path, outcome: "completed", usage: "reported" };
  const metrics = await eventually(async () => {
    const text = await gateway.gateway.registry.metrics();
    return valueOf(text, "gateway_ai_calls_total", { model: "_OTHER" }) === 1 ? text : undefined;
  }, "three calls are counted");
  assert.ok(metrics);
  assert.equal(valueOf(metrics, "gateway_ai_calls_total", { ...calls, model: "good" }), 2);
  assert.equal(valueOf(metrics, "gateway_ai_calls_total", { ...calls, model: "_OTHER", outcome: "failed", usage: "estimated" }), 1);
  const good = { gen_ai_operation_name: "chat", gen_ai_request_model: "good" };
  const counts = ["input_tokens", "output_tokens", "reasoning_output_tokens"].map((name) =>
    valueOf(metrics, `gen_ai_client_inference_usage_${name}_total`, good),
  );
  // 5 tokens of text, and 7 around a message by the rule of OpenAI.
  assert.deepEqual(counts, [24, 10, 0]);
  assert.equal(valueOf(metrics, "gen_ai_client_operation_duration_seconds_count", good), 2);
  assert.equal(valueOf(metrics, "gen_ai_server_time_to_first_token_seconds_count", good), 1);
  const lines = gateway.log.filter(({ route: template }) => template === route.path);
  assert.deepEqual(
    lines.map(({ model, input_tokens: input, output_tokens: output, usage }) => [model, input, output, usage]),
    [
      ["good", 12, 5, "reported"],
      ["good", 12, 5, "reported"],
      ["no-such", 0, 0, "estimated"],
    ],
  );
  assert.ok(typeof lines[0]?.["first_token_ms"] === "number" && lines[1]?.["first_token_ms"] === undefined);
  assert.deepEqual(
    lines.map((line) => line["upstream_request_id"]),
    ["req_provider_1", "req_provider_2", "req_provider_3"],
  );
});

test("a call that a budget refuses is no failure of its model", async () => {
  await using provider = await startFakeProvider();
  const route = { path: "/v1/embeddings", upstream: [provider.url], ai: "openai-embeddings" };
  const budgets = { limits: [{ name: "daily", unit: "calls", limit: 1, period: "day" }] };
  await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ budgets, routes: [route] }) });
  const ask = async (): Promise<number> => {
    const response = await gateway.post(route.path, { model: "good", input: "a" });
    await response.text();
    return response.status;
  };
  assert.deepEqual([await ask(), await ask()], [200, 429]);
  const metrics = await eventually(async () => {
    const text = await gateway.gateway.registry.metrics();
    return valueOf(text, "gateway_ai_calls_total", { model: "good", outcome: "refused" }) === 1 ? text : undefined;
  }, "both calls are counted");
  assert.equal(valueOf(metrics ?? "", "gateway_ai_calls_total", { outcome: "failed" }), undefined);
  assert.equal(valueOf(metrics ?? "", "gen_ai_client_operation_duration_seconds_count", { gen_ai_request_model: "good" }), 1);
});

test("models beyond the first hundred are counted together", async () => {
  await using provider = await startFakeProvider();
  const route = { path: "/v1/embeddings", upstream: [provider.url], ai: "openai-embeddings" };
  await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ routes: [route] }) });
  for (let index = 0; index < 110; index += 1) await (await gateway.post(route.path, { model: `m${index}`, input: "a" })).text();
  await eventually(async () => {
    const metrics = await gateway.gateway.registry.metrics();
    return valueOf(metrics, "gateway_ai_calls_total", { model: "_OTHER" }) === 10;
  }, "ten models share a series");
});
