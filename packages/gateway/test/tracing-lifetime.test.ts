import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { trace } from "@opentelemetry/api";
import { BatchSpanProcessor, InMemorySpanExporter, NodeTracerProvider, type SpanExporter } from "@opentelemetry/sdk-trace-node";

import { startTestGateway } from "./start-test-gateway.ts";

/** Registers the SDK as operators run it: spans wait for a batch. */
function registerBatching(exporter: SpanExporter): void {
  const never = { scheduledDelayMillis: 600_000, exportTimeoutMillis: 3_000 };
  const spanProcessors = [new BatchSpanProcessor(exporter, never)];
  trace.setGlobalTracerProvider(new NodeTracerProvider({ spanProcessors }));
}

afterEach(() => trace.disable());

void test("closing the gateway sends the spans that wait for a batch", async () => {
  const exporter = new InMemorySpanExporter();
  registerBatching(exporter);
  const gateway = await startTestGateway();
  await (await fetch(`${gateway.url}/livez`)).text();
  assert.equal(exporter.getFinishedSpans().length, 0);
  await gateway[Symbol.asyncDispose]();
  assert.deepEqual(
    exporter.getFinishedSpans().map(({ name }) => name),
    ["GET /livez"],
  );
});

void test("a collector that does not answer holds up the end for two seconds at most", async () => {
  registerBatching({ export: () => undefined, shutdown: () => Promise.resolve() });
  const gateway = await startTestGateway();
  await (await fetch(`${gateway.url}/livez`)).text();
  const startedAt = performance.now();
  await gateway[Symbol.asyncDispose]();
  const tookMs = performance.now() - startedAt;
  // The exporter itself would wait for 30 seconds.
  assert.ok(tookMs > 1_900 && tookMs < 25_000, `closing took ${tookMs} ms`);
});

void test("an exporter that fails does not make closing fail", async () => {
  const exporter = new InMemorySpanExporter();
  await exporter.shutdown();
  registerBatching(exporter);
  const gateway = await startTestGateway();
  await (await fetch(`${gateway.url}/livez`)).text();
  await gateway[Symbol.asyncDispose]();
  await assert.rejects(fetch(gateway.url));
});
