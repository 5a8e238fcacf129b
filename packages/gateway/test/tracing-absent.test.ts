import assert from "node:assert/strict";
import { test } from "node:test";

import { downstreamAttempted } from "@aivillage/downstream-proxy";
import { eventually } from "@aivillage/testing";
import { diag, DiagConsoleLogger, ProxyTracerProvider, trace } from "@opentelemetry/api";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

import { attemptTracing } from "../../tracing/src/attempt-tracing.ts";
import { tracingPart } from "../../tracing/src/tracing.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const silent = { debug() {}, info() {}, warn: () => assert.fail("a warning"), error() {} };

void test("without a tracer provider tracing is no handler, no option and no listener", () => {
  assert.equal(downstreamAttempted.heard, false);
  const { requestId, handlers } = tracingPart(silent);
  assert.deepEqual([requestId, handlers, attemptTracing(), downstreamAttempted.heard], [{}, [], {}, false]);
});

void test("without a tracer provider a gateway hands the trace on", async () => {
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

void test("a provider that was registered with an older API is told in the log, because the API is silent about it", async () => {
  const key = Symbol.for("opentelemetry.js.api.1");
  Object.assign(globalThis, { [key]: { version: "1.0.0", trace: new ProxyTracerProvider() } });
  await using gateway = await startTestGateway();
  const line = gateway.log.find(({ message }) => message.startsWith("tracer provider is registered with an older"));
  assert.deepEqual([line?.level, line?.["api_version"]], ["warn", "1.0.0"]);
  Reflect.deleteProperty(globalThis, key);
});

void test("with something else registered and no tracer provider it is the same", () => {
  diag.setLogger(new DiagConsoleLogger());
  assert.ok(Object.hasOwn(globalThis, Symbol.for("opentelemetry.js.api.1")));
  assert.deepEqual(tracingPart(silent).handlers, []);
  diag.disable();
});

void test("a provider that has been taken away again is none", async () => {
  const provider = new NodeTracerProvider();
  trace.setGlobalTracerProvider(provider);
  const tracing = tracingPart(silent);
  assert.deepEqual([tracing.handlers.length, downstreamAttempted.heard], [1, true]);
  await tracing.close();
  assert.equal(downstreamAttempted.heard, false);
  trace.disable();
  assert.deepEqual(tracingPart(silent).handlers, []);
});
