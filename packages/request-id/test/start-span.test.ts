import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { forEachHost } from "@aivillage/testing";

import { getTraceContext, requestId, type RequestIdOptions, type RequestSpan, type TraceContext } from "../src/index.ts";

const showTrace: Handler = (req, res) => void res.end(JSON.stringify(getTraceContext(req)));
const traceId = "0af7651916cd43dd8448eb211c80319c";
const parent = "b7ad6b7169203331";
const spanId = "00f067aa0ba902b7";
const calling = { traceparent: `00-${traceId}-${parent}-01`, tracestate: "congo=t61rcWkgMzE" };

forEachHost((host) => {
  const trace = async (options: RequestIdOptions, headers: Record<string, string> = {}): Promise<TraceContext> => {
    await using app = await host.serve([requestId(options), showTrace]);
    return (await (await fetch(app.url, { headers })).json()) as TraceContext;
  };

  test("the ids of the tracer's span take the place of new ones", async () => {
    const received: { method: string | undefined; caller: RequestSpan | undefined }[] = [];
    const startSpan = ({ method }: IncomingMessage, caller: RequestSpan | undefined): RequestSpan => {
      received.push({ method, caller });
      return { traceId, spanId, flags: 1, tracestate: "ours=1" };
    };
    assert.deepEqual(await trace({ startSpan }, calling), {
      traceId,
      spanId,
      parentSpanId: parent,
      flags: 1,
      sampled: true,
      traceparent: `00-${traceId}-${spanId}-01`,
      tracestate: "ours=1",
    });
    assert.deepEqual(received, [{ method: "GET", caller: { traceId, spanId: parent, flags: 1, tracestate: "congo=t61rcWkgMzE" } }]);
  });

  test("a tracer that begins its own trace has no parent, and decides what is sampled", async () => {
    const other = "4bf92f3577b34da6a3ce929d0e0e4736";
    const context = await trace({ startSpan: () => ({ traceId: other, spanId, flags: 0 }), sampleNewTraces: true }, calling);
    assert.deepEqual(context, { traceId: other, spanId, flags: 0, sampled: false, traceparent: `00-${other}-${spanId}-00` });
  });

  test("a caller that is not trusted or not valid is not passed to the tracer", async () => {
    const callers: unknown[] = [];
    const startSpan = (_req: IncomingMessage, caller: RequestSpan | undefined): undefined => void callers.push(caller);
    await trace({ startSpan, trustIncoming: false }, calling);
    await trace({ startSpan }, { traceparent: "00-zz" });
    assert.deepEqual(callers, [undefined, undefined]);
  });

  test("a tracer without a span for the request leaves the ids as they are without it", async () => {
    const context = await trace({ startSpan: () => undefined }, calling);
    assert.equal(context.traceId, traceId);
    assert.equal(context.parentSpanId, parent);
    assert.match(context.spanId, /^[0-9a-f]{16}$/);
    assert.equal(context.tracestate, "congo=t61rcWkgMzE");
  });

  test("mounted twice, one span is begun", async () => {
    let begun = 0;
    const startSpan = (): RequestSpan => {
      begun += 1;
      return { traceId, spanId, flags: 1 };
    };
    await using app = await host.serve([requestId({ startSpan }), requestId({ startSpan }), showTrace]);
    await (await fetch(app.url)).text();
    assert.equal(begun, 1);
  });

  for (const [what, span] of [
    ["an all-zero trace id", { traceId: "0".repeat(32), spanId, flags: 1 }],
    ["an all-zero span id", { traceId, spanId: "0".repeat(16), flags: 1 }],
    ["upper case", { traceId: traceId.toUpperCase(), spanId, flags: 1 }],
    ["unknown flags", { traceId, spanId, flags: 9 }],
  ] as const) {
    test(`${what} from the tracer is an error of the request, never sent on`, async () => {
      let reached = false;
      const handler: Handler = (_req, res) => {
        reached = true;
        res.end();
      };
      await using app = await host.serve([requestId({ startSpan: () => span }), handler]);
      const response = await fetch(app.url);
      await response.text();
      assert.deepEqual([response.status, reached], [500, false]);
    });
  }
});
