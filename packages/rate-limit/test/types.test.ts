import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import type { Event, Handler } from "@aivillage/middleware";
import { expectTypeOf } from "expect-type";

import {
  type Charge,
  type Decision,
  getRateLimit,
  ipKey,
  type MemoryStore,
  type Policy,
  rateLimit,
  type RateLimitDecided,
  rateLimitDecided,
  type RateLimitHandler,
  type RateLimitOptions,
  type RateLimitResult,
  refundRateLimit,
  type Store,
} from "../src/index.ts";

test("the types are what a caller sees", () => {
  expectTypeOf(rateLimit).parameters.toEqualTypeOf<[options: RateLimitOptions]>();
  expectTypeOf(rateLimit).returns.toEqualTypeOf<RateLimitHandler>();
  expectTypeOf<RateLimitHandler>().toExtend<Handler>();
  expectTypeOf<RateLimitHandler["close"]>().toEqualTypeOf<() => void>();
  expectTypeOf(getRateLimit).toEqualTypeOf<(req: IncomingMessage) => RateLimitResult | undefined>();
  expectTypeOf(refundRateLimit).toEqualTypeOf<(req: IncomingMessage) => Promise<void>>();
  expectTypeOf(ipKey).toEqualTypeOf<(address: string | undefined) => string>();
  expectTypeOf(rateLimitDecided).toEqualTypeOf<Event<RateLimitDecided>>();
});

test("a store may answer at once or later", () => {
  expectTypeOf<MemoryStore>().toExtend<Store>();
  expectTypeOf<MemoryStore["decide"]>().returns.toEqualTypeOf<Decision>();
  expectTypeOf<(charges: readonly Charge[]) => Promise<Decision>>().toExtend<Store["decide"]>();
});

test("a policy needs a name, a limit and a window", () => {
  expectTypeOf<{ name: "ip"; limit: 5; windowMs: 1_000 }>().toExtend<Policy>();
  expectTypeOf<{ name: "ip"; limit: 5 }>().not.toExtend<Policy>();
  expectTypeOf<{ name: "ip"; limit: "5"; windowMs: 1_000 }>().not.toExtend<Policy>();
});
