import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { after, before, test } from "node:test";

import { startDownstream, eventually } from "@aivillage/testing";
import { finishedSpans, registerSdk, resetSpans, sampling, type SeenSpan } from "@aivillage/testing/spans";
import { context, diag, trace } from "@opentelemetry/api";

import { createGateway, type Gateway, loadConfig } from "../src/index.ts";

registerSdk();
const tracer = trace.getTracer("a server instrumentation");

/** Runs a gateway in a server that the embedding program owns. */
async function embed(env: Record<string, string> = {}) {
  const gateway = createGateway(loadConfig({ env: { API_KEY: "test-key-0123456789", LOG_LEVEL: "ERROR", ...env } }));
  const server = createServer(gateway.handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    gateway,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await gateway.close();
    },
  };
}

const named = async (name: string): Promise<SeenSpan> => {
  await eventually(() => finishedSpans().some((span) => span.name === name), `a span ${name}`);
  const found = finishedSpans().find((span) => span.name === name);
  assert.ok(found);
  return found;
};

const errors: unknown[] = [];
before(() => {
  const note = (...reported: unknown[]): void => void errors.push(reported);
  diag.setLogger({ error: note, warn: note, info: note, debug() {}, verbose() {} }, { suppressOverrideMessage: true });
});
after(() => diag.disable());

void test("a route that the embedding program adds runs inside the span of the request", async () => {
  resetSpans();
  await using app = await embed();
  app.gateway.app.get("/own", (_req, res) => {
    tracer.startSpan("own work").end();
    res.send("done");
  });
  assert.equal(await (await fetch(`${app.url}/own`)).text(), "done");
  const [work, request] = [await named("own work"), await named("GET")];
  assert.deepEqual([work.traceId, work.parentSpanId], [request.traceId, request.spanId]);
});

void test("a span that was active when the server began to listen is no parent of the requests", async () => {
  resetSpans();
  const startup = tracer.startSpan("startup");
  const app = await context.with(trace.setSpan(context.active(), startup), () => embed());
  startup.end();
  await (await fetch(`${app.url}/livez`)).text();
  const request = await named("GET /livez");
  assert.deepEqual([request.parentSpanId, request.kind], [undefined, "SERVER"]);
  await app[Symbol.asyncDispose]();
});

void test("a request that is under way while the configuration changes keeps its span, and each is reported once", async () => {
  resetSpans();
  await using twin = await startDownstream({ delayMs: 200 });
  const env = { TWIN_URL: twin.url };
  await using app = await embed(env);
  const chat = () =>
    fetch(`${app.url}/v1/chat`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer test-key-0123456789" },
      body: '{"message":"hello"}',
    }).then((response) => response.text());
  const underWay = chat();
  await eventually(() => twin.received.length === 1, "the service has the request");
  reload(app.gateway, { ...env, REQUEST_TIMEOUT: "20" });
  await Promise.all([underWay, chat()]);
  await eventually(() => finishedSpans().length === 4, "four spans");
  const spans = finishedSpans();
  const servers = spans.filter(({ kind }) => kind === "SERVER");
  assert.equal(servers.length, 2);
  for (const { spanId, events } of servers) {
    assert.equal(events.length, 1);
    assert.equal(spans.filter(({ parentSpanId }) => parentSpanId === spanId).length, 1);
  }
  assert.deepEqual(errors, []);
});

function reload(gateway: Gateway, env: Record<string, string>): void {
  gateway.reload(loadConfig({ env: { API_KEY: "test-key-0123456789", LOG_LEVEL: "ERROR", ...env } }));
}

void test("the span of another gateway in the process is left to it", async () => {
  resetSpans();
  await using other = await embed();
  await using app = await embed();
  await Promise.all([other, app].map(async ({ url }) => (await fetch(url)).text()));
  await eventually(() => finishedSpans().length === 2, "two spans");
  assert.deepEqual(
    finishedSpans().map(({ name, events }) => [name, events.length]),
    [
      ["GET /", 1],
      ["GET /", 1],
    ],
  );
});

void test("a sampler that throws costs no request, and the trace goes on without a span", async () => {
  resetSpans();
  sampling.fails = true;
  await using twin = await startDownstream();
  await using app = await embed({ TWIN_URL: twin.url });
  const response = await fetch(`${app.url}/v1/chat`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer test-key-0123456789" },
    body: '{"message":"hello"}',
  });
  assert.equal(response.status, 200);
  await response.text();
  assert.match(String(twin.received[0]?.headers["traceparent"]), /^00-[0-9a-f]{32}-[0-9a-f]{16}-02$/);
  sampling.fails = false;
  assert.deepEqual(finishedSpans(), []);
  assert.ok(errors.some((reported) => JSON.stringify(reported).includes("tracing failed")));
});
