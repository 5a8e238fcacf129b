import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import type { Event, Handler } from "@aivillage/middleware";
import { expectTypeOf } from "expect-type";
import { MemoryStore as TheirMemoryStore, type Store as TheirStore } from "express-rate-limit";
import type { Cluster, Redis } from "ioredis";
import type { RedisClientType, RedisClusterType } from "redis";

import {
  type ActualCost,
  type Charge,
  type ClusterStore,
  createLimiter,
  type Decision,
  type ExactStore,
  fromExpressRateLimitStore,
  getRateLimit,
  ipKey,
  type Limiter,
  type MemoryStore,
  type Penalty,
  type PenaltyChanged,
  penaltyChanged,
  type Policy,
  rateLimit,
  type RateLimitDecided,
  rateLimitDecided,
  type RateLimitHandler,
  type RateLimitOptions,
  type RateLimitResult,
  type RedisClient,
  type RedisStore,
  refundRateLimit,
  type Reservation,
  settleRateLimit,
  storeAvailabilityChanged,
  type StoreAvailabilityChanged,
  type Store,
} from "../src/index.ts";

test("the types are what a caller sees", () => {
  expectTypeOf(rateLimit).parameters.toEqualTypeOf<[options: RateLimitOptions]>();
  expectTypeOf(rateLimit).returns.toEqualTypeOf<RateLimitHandler>();
  expectTypeOf<RateLimitHandler>().toExtend<Handler>();
  expectTypeOf<RateLimitHandler["close"]>().toEqualTypeOf<() => void>();
  expectTypeOf(getRateLimit).toEqualTypeOf<(req: IncomingMessage) => RateLimitResult | undefined>();
  expectTypeOf(refundRateLimit).toEqualTypeOf<(req: IncomingMessage) => Promise<void>>();
  expectTypeOf(settleRateLimit).toEqualTypeOf<(req: IncomingMessage, actual: ActualCost) => Promise<void>>();
  expectTypeOf<ReturnType<RateLimitHandler["penalties"]>>().toEqualTypeOf<Penalty[]>();
  expectTypeOf(penaltyChanged).toEqualTypeOf<Event<PenaltyChanged>>();
  expectTypeOf(storeAvailabilityChanged).toEqualTypeOf<Event<StoreAvailabilityChanged>>();
  expectTypeOf(ipKey).toEqualTypeOf<(address: string | undefined) => string>();
  expectTypeOf(rateLimitDecided).toEqualTypeOf<Event<RateLimitDecided>>();
});

test("a store may reply at once or later", () => {
  expectTypeOf<MemoryStore>().toExtend<Store>();
  expectTypeOf<MemoryStore["decide"]>().returns.toEqualTypeOf<Decision>();
  expectTypeOf<(charges: readonly Charge[]) => Promise<Decision>>().toExtend<Store["decide"]>();
});

test("remote stores are stores, and take the clients and stores that they name", () => {
  expectTypeOf<RedisStore>().toExtend<Store>();
  expectTypeOf<ClusterStore>().toExtend<Store>();
  expectTypeOf<Redis>().toExtend<RedisClient>();
  expectTypeOf<Cluster>().toExtend<RedisClient>();
  expectTypeOf<RedisClientType>().toExtend<RedisClient>();
  expectTypeOf<RedisClusterType>().toExtend<RedisClient>();
  expectTypeOf<ExactStore>().toExtend<TheirStore>();
  expectTypeOf(fromExpressRateLimitStore).toBeCallableWith(new TheirMemoryStore());
});

test("a limiter is made for strings by default", () => {
  expectTypeOf(createLimiter({ limit: 1, windowMs: 1_000 })).toEqualTypeOf<Limiter<string>>();
  expectTypeOf<Limiter<{ id: string }>["reserve"]>().parameters.toEqualTypeOf<[subject: { id: string }, cost?: number | undefined]>();
  expectTypeOf<Reservation["settle"]>().toEqualTypeOf<(actual: ActualCost) => Promise<void>>();
});

test("a policy needs a name, a limit and a window", () => {
  expectTypeOf<{ name: "ip"; limit: 5; windowMs: 1_000 }>().toExtend<Policy>();
  expectTypeOf<{ name: "ip"; limit: 5 }>().not.toExtend<Policy>();
  expectTypeOf<{ name: "ip"; limit: "5"; windowMs: 1_000 }>().not.toExtend<Policy>();
});
