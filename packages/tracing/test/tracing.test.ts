import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, describe, test } from "node:test";

import { compose, event, type Event, type Handler, HttpProblem, markResponseBroken, toListener } from "@aivillage/middleware";
import { eventually, forEachHost, listen, rawRequest } from "@aivillage/testing";
import { finishedSpans, registerSdk, resetSpans, sampling, takeRequest } from "@aivillage/testing/spans";
import { context, SpanKind, trace } from "@opentelemetry/api";

import { spanEvent, tracing, type TracingOptions } from "../src/index.ts";

const callersTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const callersSpan = "00f067aa0ba902b7";
const callerSends = (flags: string): string => `00-${callersTrace}-${callersSpan}-${flags}`;
const ok: Handler = (_req, res) => void res.end("ok");

registerSdk();
const tracer = trace.getTracer("a server instrumentation");

beforeEach(() => {
  resetSpans();
  Object.assign(sampling, { ofNewTraces: 1, fails: false });
});

const publishing =
  (source: Event<{ req: IncomingMessage }>): Handler =>
  (req, _res, next) => {
    source.publish({ req });
    next();
  };

const serve = (options: TracingOptions, ...handlers: Handler[]) => listen(toListener(compose(tracing(options), ...handlers)));

forEachHost((host) => {
  test("a request is one span in the caller's trace", async () => {
    await using app = await host.serve([tracing({ route: () => "/things/:id" }), ok]);
    const headers = { traceparent: callerSends("01"), tracestate: "congo=t61rcWkgMzE", "user-agent": "u".repeat(300) };
    await (await fetch(`${app.url}/things/1?token=canary`, { headers })).text();
    const { name, kind, traceId, parentSpanId, attributes, error } = (await takeRequest()).server;
    assert.deepEqual([name, kind, traceId, parentSpanId, error], ["GET /things/:id", "SERVER", callersTrace, callersSpan, false]);
    const { "network.peer.port": peerPort, ...others } = attributes;
    assert.ok(Number(peerPort) > 0);
    assert.deepEqual(others, {
      "http.request.method": "GET",
      "http.route": "/things/:id",
      "http.response.status_code": 200,
      "url.scheme": "http",
      "url.path": "/things/1",
      "server.address": "127.0.0.1",
      "server.port": app.port,
      "client.address": "127.0.0.1",
      "network.peer.address": "127.0.0.1",
      "network.protocol.version": "1.1",
      "user_agent.original": "u".repeat(256),
    });
  });

  test("a handler's error is the span's error if the response is a 5xx", async () => {
    const fail =
      (status: number): Handler =>
      (_req, _res, next) =>
        next(new HttpProblem({ status }));
    for (const [status, error] of [
      [503, "503"],
      [404, undefined],
    ] as const) {
      await using app = await host.serve([tracing(), fail(status)]);
      await (await fetch(app.url)).text();
      const { server } = await takeRequest();
      assert.deepEqual([server.attributes["http.response.status_code"], server.attributes["error.type"]], [status, error]);
      assert.equal(server.error, error !== undefined);
    }
  });

  test("mounted twice it makes one span, and spans of later handlers are children of it", async () => {
    const traced = tracing();
    const work: Handler = (_req, _res, next) => {
      tracer.startSpan("work").end();
      next();
    };
    await using app = await host.serve([traced, traced, work, ok]);
    await (await fetch(app.url)).text();
    await eventually(() => finishedSpans().length === 2, "two spans");
    const [inner, outer] = finishedSpans();
    assert.deepEqual([inner?.name, inner?.parentSpanId, outer?.name], ["work", outer?.spanId, "GET"]);
  });
});

void describe("a traced server", () => {
  test("an unusual method is _OTHER, a long path is cut, and an invalid Host is left out", async () => {
    await using app = await serve({}, ok);
    await rawRequest(app.port, `PROPFIND /${"a".repeat(3_000)} HTTP/1.1\r\nHost: x y\r\nConnection: close\r\n\r\n`);
    const { name, attributes } = (await takeRequest()).server;
    assert.equal(name, "HTTP");
    assert.deepEqual([attributes["http.request.method"], attributes["http.request.method_original"]], ["_OTHER", "PROPFIND"]);
    assert.deepEqual([String(attributes["url.path"]).length, attributes["server.address"]], [1_024, undefined]);
  });

  test("the Host header gives address and port of the server, IPv6 without its brackets", async () => {
    await using app = await serve({}, ok);
    for (const [host, address, port] of [
      ["shop.example", "shop.example", 80],
      ["[::1]:8443", "::1", 8443],
    ] as const) {
      await rawRequest(app.port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      const { attributes } = (await takeRequest()).server;
      assert.deepEqual([attributes["server.address"], attributes["server.port"]], [address, port]);
    }
  });

  test("on HTTP/2 its pseudo-header does", async (t) => {
    // The requests of the compatibility API resemble those of `node:http`, but not for the compiler.
    const listener = toListener(compose(tracing({}), ok)) as unknown as (...args: unknown[]) => void;
    const server = createServer({}, listener);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    t.after(() => {
      session.destroy();
      server.close();
    });
    await once(session.request({ ":authority": "shop.example:8443", ":path": "/" }).resume(), "close");
    const { attributes } = (await takeRequest()).server;
    assert.deepEqual([attributes["server.address"], attributes["server.port"]], ["shop.example", 8443]);
  });

  test("forwarding headers count only from a trusted proxy", async () => {
    const headers = { "x-forwarded-proto": "https", "x-forwarded-host": "api.example" };
    const seen = async (options: TracingOptions): Promise<unknown[]> => {
      await using app = await serve(options, ok);
      await (await fetch(app.url, { headers })).text();
      const { attributes } = (await takeRequest()).server;
      return ["url.scheme", "server.address", "server.port", "client.address"].map((name) => attributes[name]);
    };
    const trusting = { isFromTrustedProxy: () => true, clientIp: () => "203.0.113.7" };
    assert.deepEqual(await seen(trusting), ["https", "api.example", 443, "203.0.113.7"]);
    assert.deepEqual((await seen({})).slice(0, 2), ["http", "127.0.0.1"]);
  });

  test("a caller that is not trusted does not decide the trace", async () => {
    await using app = await serve({ trustIncoming: ({ headers }) => headers["x-own"] !== undefined }, ok);
    const traceOf = async (headers: Record<string, string>): Promise<string> => {
      await (await fetch(app.url, { headers: { traceparent: callerSends("01"), ...headers } })).text();
      return (await takeRequest()).server.traceId;
    };
    assert.equal(await traceOf({ "x-own": "1" }), callersTrace);
    assert.notEqual(await traceOf({}), callersTrace);
  });

  test("attributes of the caller's choice are added, and the scope is the one that is set", async () => {
    await using app = await serve({ attributes: ({ url }) => ({ "app.url": url }), scope: { name: "shop", version: "2" } }, ok);
    await (await fetch(`${app.url}/a`)).text();
    const { attributes, scope } = (await takeRequest()).server;
    assert.deepEqual([attributes["app.url"], scope], ["/a", { name: "shop", version: "2" }]);
  });

  test("the span of a streamed response ends with the stream", async () => {
    const open: ServerResponse[] = [];
    await using app = await serve({}, (_req, res) => {
      open.push(res);
      res.write("first");
    });
    const reader = (await fetch(app.url)).body?.getReader();
    await reader?.read();
    assert.deepEqual(finishedSpans(), []);
    open[0]?.end("last");
    while ((await reader?.read())?.done === false);
    assert.equal((await takeRequest()).server.error, false);
  });

  test("a response that a failed service has broken is incomplete, although it ends with an error for the client", async () => {
    await using app = await serve({}, (req, res) => {
      res.write("first");
      markResponseBroken(req, 502);
      res.end("error");
    });
    assert.equal(await (await fetch(app.url)).text(), "firsterror");
    const { error, attributes } = (await takeRequest()).server;
    assert.deepEqual([error, attributes["error.type"]], [true, "incomplete"]);
  });

  test("a response that the server cuts off is incomplete", async () => {
    await using app = await serve({}, (_req, res) => void res.write("first", () => res.destroy()));
    await assert.rejects(fetch(app.url).then((response) => response.text()));
    const { error, attributes } = (await takeRequest()).server;
    assert.deepEqual([error, attributes["error.type"], attributes["http.response.status_code"]], [true, "incomplete", 200]);
  });

  test("a client that leaves ends the span with an error", async () => {
    await using app = await serve({}, (_req, res) => void res.write("first"));
    const leaving = new AbortController();
    const response = await fetch(app.url, { signal: leaving.signal });
    await response.body?.getReader().read();
    leaving.abort();
    const { error, attributes } = (await takeRequest()).server;
    assert.deepEqual([error, attributes["error.type"], attributes["http.response.status_code"]], [true, "aborted", 200]);
  });

  test("a client that left before the handler ran ends the span too", async () => {
    await using app = await listen(
      toListener(
        compose(
          (_req, res, next) => void res.once("close", () => setImmediate(next)),
          tracing(),
          () => undefined,
        ),
      ),
    );
    const leaving = new AbortController();
    const request = fetch(app.url, { signal: leaving.signal });
    await new Promise((resolve) => app.server.once("request", resolve));
    leaving.abort();
    await assert.rejects(request);
    assert.equal((await takeRequest()).server.attributes["error.type"], "aborted");
  });

  test("inside the span of a server instrumentation its own is an internal one", async () => {
    const handler = toListener(compose(tracing(), ok));
    await using app = await listen((req, res) => {
      const span = tracer.startSpan("outer", { kind: SpanKind.SERVER });
      res.on("close", () => span.end());
      context.with(trace.setSpan(context.active(), span), () => handler(req, res));
    });
    await (await fetch(app.url)).text();
    await eventually(() => finishedSpans().length === 2, "two spans");
    const [inner, outer] = ["GET", "outer"].map((name) => finishedSpans().find((span) => span.name === name));
    assert.deepEqual([inner?.kind, inner?.parentSpanId], ["INTERNAL", outer?.spanId]);
  });

  test("inside another tracing() too, and each span gets its own events", async () => {
    const noted = event<{ req: IncomingMessage }>("aivillage:tracing-test:nested");
    const options = { events: [spanEvent(noted, () => ({ name: "noted" }))] };
    await using app = await serve(options, tracing(options), publishing(noted), ok);
    await (await fetch(app.url)).text();
    await eventually(() => finishedSpans().length === 2, "two spans");
    const [inner, outer] = ["INTERNAL", "SERVER"].map((kind) => finishedSpans().find((span) => span.kind === kind));
    assert.equal(inner?.parentSpanId, outer?.spanId);
    assert.deepEqual([inner?.events.length, outer?.events.length], [1, 0]);
  });

  test("a sampler that throws costs no request, and onError receives its error", async () => {
    sampling.fails = true;
    const errors: unknown[] = [];
    await using app = await serve({ onError: (error) => void errors.push(error) }, ok);
    assert.equal((await fetch(app.url)).status, 200);
    assert.deepEqual([finishedSpans(), (errors[0] as Error).message], [[], "no decision"]);
  });

  test("options and events that throw cost no request, even if onError throws as well", async () => {
    const noted = event<{ req: IncomingMessage }>("aivillage:tracing-test:throwing");
    const fail = (): never => {
      throw new Error("from an option");
    };
    await using app = await serve({ route: fail, events: [spanEvent(noted, fail)], onError: fail }, publishing(noted), ok);
    assert.equal((await fetch(app.url)).status, 200);
    const { name, attributes } = (await takeRequest()).server;
    assert.deepEqual([name, attributes["http.response.status_code"]], ["GET", 200]);
    await using other = await serve({ trustIncoming: fail, clientIp: fail, onError: fail }, ok);
    assert.equal((await fetch(other.url)).status, 200);
  });
});

void describe("requestIdOptions", () => {
  const traced = tracing();
  const { startSpan } = traced.requestIdOptions;
  let app: Awaited<ReturnType<typeof listen>>;
  const started: unknown[] = [];
  const caller = (flags: number) => ({ traceId: callersTrace, spanId: callersSpan, flags, tracestate: "congo=t61rcWkgMzE" });
  let sent: Parameters<NonNullable<typeof startSpan>>[1];
  before(async () => {
    const ids: Handler = (req, _res, next) => next(void started.push(startSpan?.(req, sent)));
    app = await listen(toListener(compose(ids, traced, ok)));
  });
  after(() => app[Symbol.asyncDispose]());
  const startedBy = async (from: typeof sent): Promise<Record<string, unknown>> => {
    sent = from;
    await (await fetch(app.url, { headers: { traceparent: callerSends("01") } })).text();
    return started.at(-1) as Record<string, unknown>;
  };

  test("start the span, whose ids become those of the request", async () => {
    const ids = await startedBy(caller(1));
    const { traceId, spanId, parentSpanId } = (await takeRequest()).server;
    assert.deepEqual([traceId, parentSpanId], [callersTrace, callersSpan]);
    assert.deepEqual(ids, { traceId, spanId, flags: 1, tracestate: "congo=t61rcWkgMzE" });
  });

  test("decide by themselves which caller is trusted", async () => {
    await startedBy(undefined);
    const { traceId, parentSpanId } = (await takeRequest()).server;
    assert.deepEqual([traceId === callersTrace, parentSpanId], [false, undefined]);
  });

  test("pass on the flag of a random trace id", async () => {
    assert.equal((await startedBy(caller(3)))["flags"], 3);
    await takeRequest();
  });

  test("give ids to a request that is not recorded, because the caller or the sampler decides so", async () => {
    const { traceId, flags } = await startedBy(caller(2));
    assert.deepEqual([traceId, flags], [callersTrace, 2]);
    sampling.ofNewTraces = 0;
    const ids = await startedBy(undefined);
    assert.match(String(ids["traceId"]), /^[0-9a-f]{32}$/);
    assert.deepEqual([ids["flags"], finishedSpans()], [0, []]);
  });

  test("are asked once: the middleware does not try again what has failed", async () => {
    sampling.fails = true;
    assert.equal(await startedBy(undefined), undefined);
    assert.deepEqual(finishedSpans(), []);
  });
});
