import assert from "node:assert/strict";
import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { forEachHost, rawRequest } from "@aivillage/testing";

import { getTraceContext, requestId, type RequestIdOptions, type TraceContext } from "../src/index.ts";

const showTrace: Handler = (req, res) => void res.end(JSON.stringify(getTraceContext(req) ?? null));
const traceId = "0af7651916cd43dd8448eb211c80319c";
const parent = "b7ad6b7169203331";
const valid = `00-${traceId}-${parent}-01`;

forEachHost((host) => {
  /** Sends these header lines, in this order and with these repetitions. */
  const trace = async (lines: readonly string[], options?: RequestIdOptions): Promise<TraceContext> => {
    await using app = await host.serve([requestId(options), showTrace]);
    const text = await rawRequest(app.port, ["GET / HTTP/1.1", "Host: a", "Connection: close", ...lines, "", ""].join("\r\n"));
    return JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1)) as TraceContext;
  };

  test("a request without traceparent begins a trace", async () => {
    const { traceId: own, spanId, parentSpanId, flags, sampled, traceparent, tracestate } = await trace([]);
    assert.match(own, /^[0-9a-f]{32}$/);
    assert.match(spanId, /^[0-9a-f]{16}$/);
    assert.equal(traceparent, `00-${own}-${spanId}-02`);
    assert.deepEqual(
      { parentSpanId, flags, sampled, tracestate },
      { parentSpanId: undefined, flags: 2, sampled: false, tracestate: undefined },
    );
  });

  test("a new trace is marked as sampled where the options say so", async () => {
    const { flags, sampled, traceparent } = await trace([], { sampleNewTraces: true });
    assert.deepEqual({ flags, sampled, ending: traceparent.slice(-3) }, { flags: 3, sampled: true, ending: "-03" });
  });

  test("a valid traceparent is continued in our own span", async () => {
    const context = await trace([`traceparent: ${valid}`, "tracestate: congo=t61rcWkgMzE"]);
    assert.notEqual(context.spanId, parent);
    assert.deepEqual(context, {
      traceId,
      spanId: context.spanId,
      parentSpanId: parent,
      flags: 1,
      sampled: true,
      traceparent: `00-${traceId}-${context.spanId}-01`,
      tracestate: "congo=t61rcWkgMzE",
    });
  });

  test("the caller's sampling is passed on, whatever is chosen for new traces", async () => {
    const { sampled, traceparent } = await trace([`traceparent: 00-${traceId}-${parent}-00`], { sampleNewTraces: true });
    assert.equal(sampled, false);
    assert.ok(traceparent.endsWith("-00"));
  });

  test("two requests of one trace are two spans", async () => {
    const [one, two] = [await trace([`traceparent: ${valid}`]), await trace([`traceparent: ${valid}`])];
    assert.equal(one.traceId, two.traceId);
    assert.notEqual(one.spanId, two.spanId);
  });

  test("two traceparent lines begin a new trace without the tracestate", async () => {
    for (const second of [valid, `cc-${traceId}-${parent}-01`]) {
      for (const first of [valid, `cc-${traceId}-${parent}-01-more`]) {
        const context = await trace([`traceparent: ${first}`, `traceparent: ${second}`, "tracestate: a=1"]);
        assert.notEqual(context.traceId, traceId);
        assert.equal(context.tracestate, undefined);
      }
    }
  });

  test("an invalid traceparent begins a new trace and drops the tracestate", async () => {
    const context = await trace([`traceparent: ff-${traceId}-${parent}-01`, "tracestate: a=1"]);
    assert.notEqual(context.traceId, traceId);
    assert.deepEqual([context.parentSpanId, context.tracestate], [undefined, undefined]);
  });

  test("an invalid tracestate does not cost the trace", async () => {
    const context = await trace([`traceparent: ${valid}`, "tracestate: A=1"]);
    assert.equal(context.traceId, traceId);
    assert.equal(context.tracestate, undefined);
  });

  test("tracestate lines are joined in their order", async () => {
    const context = await trace([`traceparent: ${valid}`, "tracestate: foo=1,bar=2", "tracestate:", "tracestate: baz=3"]);
    assert.equal(context.tracestate, "foo=1,bar=2,baz=3");
  });

  test("names in any case and blanks around the values are fine", async () => {
    const context = await trace([`TraceParent: \t ${valid} \t`, "TRACESTATE: \t foo=1 \t"]);
    assert.deepEqual([context.traceId, context.tracestate], [traceId, "foo=1"]);
  });

  test("the trace of an untrusted caller is not continued", async () => {
    const context = await trace([`traceparent: ${valid}`, "tracestate: a=1"], { trustIncoming: false });
    assert.notEqual(context.traceId, traceId);
    assert.deepEqual([context.parentSpanId, context.tracestate], [undefined, undefined]);
  });

  test("mounted twice, the request stays one span", async () => {
    const seen: (TraceContext | undefined)[] = [];
    const note: Handler = (req, _res, next) => next(void seen.push(getTraceContext(req)));
    await using app = await host.serve([requestId(), note, requestId(), note, (_req, res) => void res.end()]);
    await (await fetch(app.url)).text();
    assert.equal(seen.length, 2);
    assert.ok(seen[0] !== undefined);
    assert.equal(seen[0], seen[1]);
  });

  test("without the middleware there is no trace context", async () => {
    await using app = await host.serve([showTrace]);
    assert.equal(await (await fetch(app.url)).text(), "null");
  });
});
