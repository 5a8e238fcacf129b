import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";

import { MemoryStore, rateLimit } from "../../../rate-limit/src/index.ts";
import { folders } from "../folders.ts";

type Next = (error?: unknown) => void;
/** A middleware that a contestant makes, as its documentation mounts it. */
export type Limiter = (req: IncomingMessage, res: ServerResponse, next: Next) => void;

export interface Made {
  readonly limiter: Limiter;
  readonly close: () => void;
}

/** One limit by client address, without headers. */
export type Make = (limit: number, windowMs: number) => Made;

interface ExpressRateLimit {
  readonly MemoryStore: new () => { shutdown(): void };
  rateLimit(options: object): Limiter;
}

interface Points {
  readonly remainingPoints: number;
  readonly msBeforeNext: number;
}

interface Flexible {
  readonly RateLimiterMemory: new (options: { points: number; duration: number }) => { consume(key: string): Promise<Points> };
}

/** Loaded late, because the peers may have to be installed first, and because the clock may have to be replaced first. */
function load(name: string): unknown {
  return createRequire(join(folders.peers, "package.json"))(name);
}

const refused = new Error("refused");
const clientOf = (req: IncomingMessage): string => (req as { ip?: string }).ip ?? "";

export const ours =
  (now?: () => number): Make =>
  (limit, windowMs) => {
    const store = new MemoryStore(now && { now });
    const limiter = rateLimit({ limit, windowMs, store, headers: false, clientIp: clientOf });
    return { limiter, close: () => store.close() };
  };

/** express-rate-limit with its memory store; `headers` as its option `standardHeaders`. */
export const expressRateLimit =
  (headers?: "draft-7" | "draft-8"): Make =>
  (limit, windowMs) => {
    const peer = load("express-rate-limit") as ExpressRateLimit;
    const store = new peer.MemoryStore();
    const handler = (_req: unknown, _res: unknown, next: Next): void => next(refused);
    const options = { limit, windowMs, store, handler, standardHeaders: headers ?? false, legacyHeaders: false, validate: false };
    return { limiter: peer.rateLimit(options), close: () => store.shutdown() };
  };

/** rate-limiter-flexible in memory; `headers` are set by hand, as its documentation shows. */
export const flexible =
  (headers: boolean): Make =>
  (limit, windowMs) => {
    const peer = load("rate-limiter-flexible") as Flexible;
    const counts = new peer.RateLimiterMemory({ points: limit, duration: windowMs / 1_000 });
    const limiter: Limiter = (req, res, next) => {
      counts
        .consume(clientOf(req))
        .then(({ remainingPoints, msBeforeNext }) => {
          if (headers) setHeaders(res, limit, remainingPoints, msBeforeNext);
          // oxlint-disable-next-line promise/no-callback-in-promise -- a middleware ends so
          return next();
        })
        // oxlint-disable-next-line promise/no-callback-in-promise -- as above
        .catch(() => next(refused));
    };
    return { limiter, close: () => undefined };
  };

function setHeaders(res: ServerResponse, limit: number, remaining: number, resetMs: number): void {
  res.setHeader("Retry-After", resetMs / 1_000);
  res.setHeader("X-RateLimit-Limit", limit);
  res.setHeader("X-RateLimit-Remaining", remaining);
  res.setHeader("X-RateLimit-Reset", Math.ceil((Date.now() + resetMs) / 1_000));
}

/** What ours is meant for: three policies of two keys, with all headers. */
function oursWithThree(limit: number): Made {
  const store = new MemoryStore();
  const user = (req: IncomingMessage): string | undefined => req.headers["x-user"]?.toString();
  const policies = [
    { name: "ip", limit, windowMs: 60_000 },
    { name: "user", limit, windowMs: 60_000, key: user },
    { name: "day", limit, windowMs: 86_400_000, key: user },
  ];
  return { limiter: rateLimit({ policies, store, clientIp: clientOf, penalty: {} }), close: () => store.close() };
}

/** More than a process is asked for in a run. */
const plenty = 1_000_000;

export const oursName = "@aivillage/rate-limit, 3 policies, all headers";

/** Whose cost is compared, with limits that nobody reaches. */
export const priced: Readonly<Record<string, () => Made>> = {
  [oursName]: () => oursWithThree(plenty),
  "express-rate-limit, 1 limit, draft-7": () => expressRateLimit("draft-7")(plenty, 60_000),
  "express-rate-limit, 1 limit, draft-8": () => expressRateLimit("draft-8")(plenty, 60_000),
  "rate-limiter-flexible, 1 limit, headers by hand": () => flexible(true)(plenty, 60_000),
};
