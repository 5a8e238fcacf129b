import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { compose, event, type Handler, toListener } from "@aivillage/middleware";
import { eventually, listen } from "@aivillage/testing";
import { finishedSpans, registerSdk, resetSpans, sampling } from "@aivillage/testing/spans";

import { type AttemptEnded, attemptTracing, tracing, type TracingOptions } from "../src/index.ts";

registerSdk();
const attempted = event<AttemptEnded>("aivillage:tracing-test:attempted");

beforeEach(() => {
  resetSpans();
  Object.assign(sampling, { ofNewTraces: 1, fails: false });
});

type Outcome = Pick<AttemptEnded, "outcome" | "status" | "protocolVersion"> & { readonly isSent?: boolean };

/** Serves one request by attempts that end like these, and returns the `traceparent` of each. */
async function request(outcomes: readonly Outcome[], options: TracingOptions = { attempts: attempted }) {
  const { traceparent } = attemptTracing();
  const sent: (string | undefined)[] = [];
  const proxy: Handler = (req, res) => {
    for (const { isSent = true, ...ended } of outcomes) {
      if (isSent) sent.push(traceparent?.(req, { target: "shop", origin: "http://[::1]:8002", path: "/orders" }));
      attempted.publish({ req, target: "shop", ...ended });
    }
    res.end();
  };
  const traced = tracing(options);
  await using app = await listen(toListener(compose(traced, proxy)));
  const headers = { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03" };
  await (await fetch(app.url, { headers })).text();
  await app[Symbol.asyncDispose]();
  await eventually(() => sampling.fails || finishedSpans().some(({ kind }) => kind === "SERVER"), "the span of the request");
  await traced.close();
  const spans = finishedSpans();
  return { sent, server: spans.find(({ kind }) => kind === "SERVER"), attempts: spans.filter(({ kind }) => kind === "CLIENT") };
}

void test("an attempt is a client span, which the target receives as its parent", async () => {
  const { sent, server, attempts } = await request([{ outcome: "success", status: 200, protocolVersion: "2" }]);
  const [attempt] = attempts;
  assert.deepEqual([attempts.length, attempt?.name, attempt?.parentSpanId], [1, "GET", server?.spanId]);
  assert.deepEqual(sent, [`00-${server?.traceId}-${attempt?.spanId}-03`]);
  assert.deepEqual(attempt?.attributes, {
    "http.request.method": "GET",
    "http.response.status_code": 200,
    "server.address": "::1",
    "server.port": 8002,
    "url.full": "http://[::1]:8002/orders",
    "network.protocol.version": "2",
    "aivillage.downstream.target": "shop",
  });
});

void test("retries have a span each, which say how often the request was sent again", async () => {
  const { sent, attempts, server } = await request([
    { outcome: "reset", status: undefined },
    { outcome: "server_error", status: 503 },
    { outcome: "client_error", status: 404 },
  ]);
  assert.deepEqual(
    attempts.map(({ attributes, error }) => [attributes["error.type"], attributes["http.request.resend_count"], error]),
    [
      ["reset", undefined, true],
      ["503", 1, true],
      ["404", 2, true],
    ],
  );
  assert.equal(new Set(sent).size, 3);
  assert.equal(server?.error, false);
});

void test("an attempt that is refused before it is sent is an event, and the next one is no resend", async () => {
  const { attempts, server } = await request([
    { outcome: "refused", status: undefined, isSent: false },
    { outcome: "success", status: 200 },
  ]);
  assert.deepEqual(server?.events, [{ name: "aivillage.downstream.refused", attributes: { "aivillage.downstream.target": "shop" } }]);
  assert.deepEqual([attempts.length, attempts[0]?.attributes["http.request.resend_count"]], [1, undefined]);
});

void test("without the option `attempts` nothing would end the span of an attempt, so there is none", async () => {
  const { sent, attempts, server } = await request([{ outcome: "success", status: 200 }], {});
  assert.deepEqual([sent, attempts, server?.events], [[undefined], [], []]);
});

void test("an attempt of a request that is not traced has no span", async () => {
  sampling.fails = true;
  const { sent, attempts } = await request([{ outcome: "success", status: 200 }], {
    attempts: attempted,
    trustIncoming: false,
    onError: () => undefined,
  });
  assert.deepEqual([sent, attempts], [[undefined], []]);
});
