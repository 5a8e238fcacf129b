import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { deadUrl, eventually } from "@aivillage/testing";
import { finishedSpans, readTraceparent, registerSdk, resetSpans, sampling, takeRequest } from "@aivillage/testing/spans";

import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const question = { query: "What is the capital of France?" };
const callersTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const callersSpan = "00f067aa0ba902b7";
const callerSays = (flags: string): string => `00-${callersTrace}-${callersSpan}-${flags}`;

registerSdk();

void describe("a traced gateway", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startTestGateway();
  });
  after(() => gateway[Symbol.asyncDispose]());
  beforeEach(() => {
    for (const service of [gateway.twin, gateway.agentController, gateway.knowledgeSystem]) service.script = {};
    sampling.ofNewTraces = 1;
  });
  const lastHeaders = (service = gateway.agentController) => service.received.at(-1)?.headers ?? {};

  test("one trace links the caller, the request, the attempt, the service and the log line", async () => {
    const headers = { traceparent: callerSays("01"), tracestate: "congo=t61rcWkgMzE", "x-request-id": "from-the-client" };
    await (await gateway.post("/v1/query", question, headers)).text();
    const { server, attempts } = await takeRequest();
    const [attempt] = attempts;
    assert.deepEqual([server.traceId, server.parentSpanId, server.kind], [callersTrace, callersSpan, "SERVER"]);
    assert.deepEqual([attempts.length, attempt?.traceId, attempt?.parentSpanId], [1, callersTrace, server.spanId]);
    assert.deepEqual(readTraceparent(lastHeaders()["traceparent"]), { traceId: callersTrace, spanId: attempt?.spanId, flags: "01" });
    assert.equal(lastHeaders()["tracestate"], "congo=t61rcWkgMzE");
    assert.equal(gateway.log.findLast(({ route }) => route === "/v1/query")?.["trace_id"], callersTrace);
    assert.ok(attempt && server.startMs <= attempt.startMs && attempt.startMs <= attempt.endMs);
  });

  test("names and describes the request by the conventions for HTTP", async () => {
    const response = await gateway.post("/v1/query?", question, { "user-agent": "u".repeat(300), "x-request-id": "described" });
    await response.text();
    const { server } = await takeRequest();
    assert.equal(server.name, "POST /v1/query");
    const { "network.peer.port": peerPort, ...attributes } = server.attributes;
    assert.deepEqual(attributes, {
      "http.request.method": "POST",
      "http.route": "/v1/query",
      "http.response.status_code": 200,
      "url.scheme": "http",
      "url.path": "/v1/query",
      "server.address": "127.0.0.1",
      "server.port": gateway.port,
      "client.address": "127.0.0.1",
      "network.peer.address": "127.0.0.1",
      "network.protocol.version": "1.1",
      "user_agent.original": "u".repeat(256),
      "aivillage.request_id": "described",
    });
    assert.ok(Number(peerPort) > 0);
    assert.equal(server.error, false);
  });

  test("describes the attempt by the conventions for HTTP clients", async () => {
    await (await gateway.post("/v1/query", question)).text();
    const { attempts } = await takeRequest();
    assert.equal(attempts[0]?.name, "POST");
    assert.deepEqual(attempts[0]?.attributes, {
      "http.request.method": "POST",
      "http.response.status_code": 200,
      "server.address": "127.0.0.1",
      "server.port": gateway.agentController.port,
      "url.full": `${gateway.agentController.url}/v1/query`,
      "network.protocol.version": "1.1",
      "aivillage.downstream.target": "agent_controller",
    });
    assert.equal(attempts[0]?.error, false);
  });

  test("reports what the rate limit decided", async () => {
    await (await gateway.post("/v1/query", question)).text();
    const { server } = await takeRequest();
    const [{ name, attributes }] = server.events as [{ name: string; attributes: Record<string, unknown> }];
    assert.equal(name, "aivillage.rate_limit.decided");
    const { "aivillage.rate_limit.remaining": remaining, ...rest } = attributes;
    assert.deepEqual(rest, {
      "aivillage.rate_limit.policy": "authenticated",
      "aivillage.rate_limit.tier": "authenticated",
      "aivillage.rate_limit.decision": "allowed",
      "aivillage.rate_limit.limit": 1000,
      "aivillage.rate_limit.penalised": false,
    });
    assert.ok(Number(remaining) < 1000);
  });

  test("reports what the screening refused, without the text; a 4xx is no error of the server", async () => {
    const response = await gateway.post("/v1/query", { query: "x' UNION SELECT password FROM users --" });
    assert.equal(response.status, 422);
    await response.text();
    const { server, attempts } = await takeRequest();
    const refused = server.events.find(({ name }) => name === "aivillage.input.refused");
    assert.ok(refused);
    assert.equal((refused.attributes as Record<string, unknown>)["aivillage.input.location"], "body");
    assert.ok(((refused.attributes as Record<string, unknown>)["aivillage.input.classes"] as string[]).includes("sqli"));
    assert.ok(!JSON.stringify(server).includes("UNION"));
    assert.deepEqual([server.error, server.attributes["http.response.status_code"], attempts.length], [false, 422, 0]);
    assert.equal(server.attributes["error.type"], undefined);
  });

  test("a request that falls back has a span for each attempt, and each service receives its own as parent", async () => {
    gateway.agentController.script = { status: 500 };
    await (await gateway.post("/v1/query", question)).text();
    const { server, attempts } = await takeRequest();
    assert.deepEqual(
      attempts.map(({ attributes, error }) => [
        attributes["aivillage.downstream.target"],
        attributes["http.response.status_code"],
        attributes["error.type"],
        attributes["http.request.resend_count"],
        error,
      ]),
      [
        ["agent_controller", 500, "500", undefined, true],
        ["knowledge_system", 200, undefined, 1, false],
      ],
    );
    assert.ok(attempts.every(({ parentSpanId }) => parentSpanId === server.spanId));
    assert.equal(new Set(attempts.map(({ spanId }) => spanId)).size, 2);
    assert.deepEqual(
      [gateway.agentController, gateway.knowledgeSystem].map((service) => readTraceparent(lastHeaders(service)["traceparent"]).spanId),
      attempts.map(({ spanId }) => spanId),
    );
    assert.equal(server.error, false);
  });

  test("a request that is sent again has a span for each time", async () => {
    let failures = 2;
    gateway.agentController.script = () => ({ status: (failures -= 1) >= 0 ? 503 : 200, headers: { "retry-after": "0" } });
    await (await gateway.post("/v1/query", question, { "idempotency-key": "once" })).text();
    const { attempts } = await takeRequest();
    const resends = attempts.map(({ attributes }) => attributes["http.request.resend_count"]);
    assert.deepEqual(resends, [undefined, ...resends.slice(1).map((_each, index) => index + 1)]);
    assert.ok(resends.length >= 2);
    assert.equal(attempts.at(-1)?.error, false);
  });

  test("a service that breaks the connection is an error of both", async () => {
    gateway.twin.script = { reset: "before-head" };
    const response = await gateway.post("/v1/chat", { message: "hello" });
    await response.text();
    const { server, attempts } = await takeRequest();
    assert.equal(attempts.at(-1)?.attributes["error.type"], "reset");
    assert.equal(attempts.at(-1)?.attributes["http.response.status_code"], undefined);
    assert.deepEqual([server.error, server.attributes["error.type"], server.name], [true, String(response.status), "POST /v1/chat"]);
    assert.ok(response.status >= 500);
  });

  test("a response that breaks off in the middle is incomplete", async () => {
    gateway.twin.script = { reset: "mid-body", body: "x".repeat(10_000) };
    const response = await gateway.post("/v1/chat", { message: "hello" });
    await assert.rejects(response.text());
    const { server, attempts } = await takeRequest();
    assert.deepEqual([attempts[0]?.error, attempts[0]?.attributes["error.type"]], [true, "reset"]);
    assert.deepEqual(
      [server.error, server.attributes["error.type"], server.attributes["http.response.status_code"]],
      [true, "incomplete", 200],
    );
  });

  test("a client that leaves ends both spans with an error", async () => {
    gateway.twin.script = { sse: { events: Array.from({ length: 500 }, (_each, index) => `data: ${index}\n\n`), everyMs: 10 } };
    const leaving = new AbortController();
    const response = await fetch(`${gateway.url}/v1/chat`, {
      method: "POST",
      headers: { "content-type": "application/json", ...gateway.authorization },
      body: JSON.stringify({ message: "hello", stream: true }),
      signal: leaving.signal,
    });
    await response.body?.getReader().read();
    leaving.abort();
    await eventually(() => finishedSpans().length === 2, "two spans");
    const { server, attempts } = await takeRequest();
    assert.deepEqual(
      [server.error, server.attributes["error.type"], server.attributes["http.response.status_code"]],
      [true, "aborted", 200],
    );
    assert.deepEqual([attempts[0]?.error, attempts[0]?.attributes["error.type"]], [true, "cancelled"]);
  });

  test("the caller's decision against recording is followed, and the trace goes on", async () => {
    await (await gateway.post("/v1/query", question, { traceparent: callerSays("02"), tracestate: "congo=1" })).text();
    const { traceId, spanId, flags } = readTraceparent(lastHeaders()["traceparent"]);
    assert.deepEqual([traceId, flags], [callersTrace, "02"]);
    assert.match(String(spanId), /^(?!00f067aa0ba902b7)[0-9a-f]{16}$/);
    assert.equal(lastHeaders()["tracestate"], "congo=1");
    assert.deepEqual(finishedSpans(), []);
  });

  test("the sampler decides on a trace that begins here, and the log has its id anyway", async () => {
    sampling.ofNewTraces = 0;
    await (await gateway.post("/v1/query", question)).text();
    const { traceId, flags } = readTraceparent(lastHeaders()["traceparent"]);
    assert.equal(flags, "00");
    assert.equal(gateway.log.findLast(({ route }) => route === "/v1/query")?.["trace_id"], traceId);
    assert.deepEqual(finishedSpans(), []);
  });

  test("no key, query, header or body of a client is in any attribute", async () => {
    const canary = "canary-8d1f";
    gateway.agentController.script = { status: 500, body: { secret: canary }, headers: { "x-secret": canary } };
    await (await gateway.post("/v1/query", { query: canary }, { cookie: `a=${canary}`, "x-api-key": canary })).text();
    await (await fetch(`${gateway.url}/?key=${canary}`, { headers: { authorization: `Bearer ${canary}` } })).text();
    await eventually(() => finishedSpans().filter(({ kind }) => kind === "SERVER").length === 2, "two requests");
    const all = JSON.stringify(finishedSpans());
    assert.ok(!all.includes(canary) && !all.includes("test-key"));
  });
});

void test("a target whose breaker is open gets no span, but an event, and the next one is no resend", async () => {
  await using gateway = await startTestGateway({ AGENT_CONTROLLER_URL: await deadUrl() });
  const isOpen = (): boolean => gateway.log.some(({ message, to }) => message === "circuit breaker changed" && to === "open");
  while (!isOpen()) {
    resetSpans();
    await (await gateway.post("/v1/query", question)).text();
    await eventually(() => finishedSpans().some(({ kind }) => kind === "SERVER"), "the span of a request");
  }
  resetSpans();
  await (await gateway.post("/v1/query", question)).text();
  const { server, attempts } = await takeRequest();
  const event = server.events.find(({ name }) => name === "aivillage.downstream.refused");
  assert.deepEqual(event?.attributes, { "aivillage.downstream.target": "agent_controller" });
  assert.deepEqual(
    attempts.map(({ attributes }) => [attributes["aivillage.downstream.target"], attributes["http.request.resend_count"]]),
    [["knowledge_system", undefined]],
  );
});

void test("scheme, host and client are those that a trusted proxy forwards", async () => {
  resetSpans();
  const headers = { "x-forwarded-proto": "https", "x-forwarded-host": "api.example", "x-forwarded-for": "203.0.113.7" };
  const about = async (env: Record<string, string>): Promise<unknown[]> => {
    await using gateway = await startTestGateway(env);
    await (await fetch(`${gateway.url}/livez`, { headers })).text();
    const { attributes } = (await takeRequest()).server;
    return ["url.scheme", "server.address", "server.port", "client.address", "network.peer.address"].map((name) => attributes[name]);
  };
  assert.deepEqual(await about({ TRUSTED_PROXIES: "127.0.0.1" }), ["https", "api.example", 443, "203.0.113.7", "127.0.0.1"]);
  const [scheme, address, , client] = await about({});
  assert.deepEqual([scheme, address, client], ["http", "127.0.0.1", "127.0.0.1"]);
});
