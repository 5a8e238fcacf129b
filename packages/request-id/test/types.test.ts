import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { expectTypeOf } from "expect-type";

import { getRequestId, getTraceContext, requestId, type RequestIdOptions, type RequestSpan, type TraceContext } from "../src/index.ts";

test("the types are what a caller sees", () => {
  expectTypeOf(requestId).parameters.toEqualTypeOf<[options?: RequestIdOptions | undefined]>();
  expectTypeOf(requestId).returns.toEqualTypeOf<Handler>();
  expectTypeOf(getRequestId).toEqualTypeOf<(req: IncomingMessage) => string | undefined>();
  expectTypeOf(getTraceContext).toEqualTypeOf<(req: IncomingMessage) => TraceContext | undefined>();
  expectTypeOf<TraceContext>().toExtend<{ readonly traceparent: string; readonly tracestate?: string }>();
  expectTypeOf<TraceContext>().toExtend<RequestSpan>();
  expectTypeOf<{ startSpan: (req: IncomingMessage, caller: RequestSpan | undefined) => undefined }>().toExtend<RequestIdOptions>();
  expectTypeOf<{ startSpan: () => string }>().not.toExtend<RequestIdOptions>();
  expectTypeOf<{ trustIncoming: "all" }>().not.toExtend<RequestIdOptions>();
});
