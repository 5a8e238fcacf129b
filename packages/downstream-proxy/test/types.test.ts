import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { test } from "node:test";

import type { Event, Handler } from "@aivillage/middleware";
import { expectTypeOf } from "expect-type";

import {
  type AttemptOutcome,
  type BreakerChanged,
  breakerChanged,
  type DownstreamAttempted,
  downstreamAttempted,
  type DownstreamProxy,
  downstreamProxy,
  type DownstreamProxyOptions,
  type FallbackReason,
  getDownstream,
  type ReplicaChanged,
  replicaChanged,
} from "../src/index.ts";

test("the types are what a caller sees", () => {
  expectTypeOf(downstreamProxy).parameters.toEqualTypeOf<[options: DownstreamProxyOptions]>();
  expectTypeOf(downstreamProxy).returns.toEqualTypeOf<DownstreamProxy>();
  expectTypeOf<DownstreamProxy>().toExtend<Handler>();
  expectTypeOf<DownstreamProxy["close"]>().toEqualTypeOf<(options?: { deadlineMs?: number }) => Promise<void>>();
  expectTypeOf<DownstreamProxy["upgrade"]>().toEqualTypeOf<(req: IncomingMessage, socket: Duplex, head: Buffer) => void>();
  expectTypeOf(replicaChanged).toEqualTypeOf<Event<ReplicaChanged>>();
  expectTypeOf(getDownstream).parameters.toEqualTypeOf<[req: IncomingMessage]>();
  expectTypeOf(getDownstream).returns.toExtend<{ target: string; attempts: number } | undefined>();
  expectTypeOf(downstreamAttempted).toEqualTypeOf<Event<DownstreamAttempted>>();
  expectTypeOf(breakerChanged).toEqualTypeOf<Event<BreakerChanged>>();
  expectTypeOf<FallbackReason>().toExtend<AttemptOutcome>();
  expectTypeOf<{ target: string; breaker: false }>().toExtend<DownstreamProxyOptions>();
  expectTypeOf<{ target: string; retries: false; ejection: { maxMs: 1 } }>().toExtend<DownstreamProxyOptions>();
  expectTypeOf<{ target: string; breaker: true }>().not.toExtend<DownstreamProxyOptions>();
  expectTypeOf<{ targets: readonly { name: string; url: readonly string[] }[] }>().toExtend<DownstreamProxyOptions>();
});
