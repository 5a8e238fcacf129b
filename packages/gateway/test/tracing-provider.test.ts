import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { eventually } from "@aivillage/testing";
import { ProxyTracerProvider, trace } from "@opentelemetry/api";
import { BatchSpanProcessor, InMemorySpanExporter, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

import { startTestGateway } from "./start-test-gateway.ts";

afterEach(() => trace.disable());

void test("without a tracer provider a gateway passes the trace on", async () => {
  await using gateway = await startTestGateway();
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const response = await gateway.post("/v1/query", { query: "Who?" }, { traceparent });
  await response.text();
  await eventually(() => gateway.log.some(({ route }) => route === "/v1/query"), "the request is logged");
  const line = gateway.log.find(({ route }) => route === "/v1/query");
  assert.equal(line?.["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
  assert.match(
    String(gateway.agentController.received[0]?.headers["traceparent"]),
    /^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/,
  );
});

void test("the log warns of a provider that was registered with an older API, because the API is silent about it", async () => {
  const key = Symbol.for("opentelemetry.js.api.1");
  Object.assign(globalThis, { [key]: { version: "1.0.0", trace: new ProxyTracerProvider() } });
  await using gateway = await startTestGateway();
  const line = gateway.log.find(({ message }) => message.startsWith("tracer provider is registered with an older"));
  assert.deepEqual([line?.level, line?.["api_version"]], ["warn", "1.0.0"]);
  Reflect.deleteProperty(globalThis, key);
});

void test("closing the gateway sends the spans that wait for a batch", async () => {
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 600_000 })];
  trace.setGlobalTracerProvider(new NodeTracerProvider({ spanProcessors }));
  const gateway = await startTestGateway();
  await (await fetch(`${gateway.url}/livez`)).text();
  assert.equal(exporter.getFinishedSpans().length, 0);
  await gateway[Symbol.asyncDispose]();
  assert.deepEqual(
    exporter.getFinishedSpans().map(({ name }) => name),
    ["GET /livez"],
  );
});
