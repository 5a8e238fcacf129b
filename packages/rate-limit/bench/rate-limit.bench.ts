/**
 * The cost of one decision, handler and headers included, and what gets through at the edge of a window, side by side with
 * express-rate-limit and, where it is installed, rate-limiter-flexible.
 * Run: `node --conditions=@aivillage/source bench/rate-limit.bench.ts`. Fails when ours with three policies is dearer than
 * express-rate-limit with one, or lets more than the limit through.
 */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";

import type { Handler } from "@aivillage/middleware";
import express from "express";
import { rateLimit as expressRateLimit } from "express-rate-limit";

import { MemoryStore, rateLimit } from "../src/index.ts";

const plenty = 1_000_000_000;
const windowMs = 60_000;
const userOf = (req: IncomingMessage): string | undefined => req.headers["x-user"]?.toString();
const users = Array.from({ length: 1_000 }, (_, index) => `user-${index}`);
const socket = Object.defineProperty(new Socket(), "remoteAddress", { value: "203.0.113.9" });

/** The flexible limiter as its documentation mounts it; `undefined` where it is not installed. */
async function flexible(points: number, ms: number): Promise<Handler | undefined> {
  const name = "rate-limiter-flexible";
  const found = await import(name).catch(() => undefined);
  if (found === undefined) return undefined;
  const limiter = new found.RateLimiterMemory({ points, duration: ms / 1_000 });
  const consume = async (): Promise<Error | undefined> =>
    limiter.consume("203.0.113.9").then(
      () => undefined,
      () => new Error("refused"),
    );
  // oxlint-disable-next-line promise/no-callback-in-promise -- a middleware ends so
  return (_req, _res, next) => void consume().then(next);
}

const theirs = (standardHeaders: "draft-7" | "draft-8", limit: number, ms: number): Handler => {
  const limiter = expressRateLimit({
    windowMs: ms,
    limit,
    standardHeaders,
    validate: false,
    handler: (_req, _res, next) => next(new Error()),
  });
  return limiter as unknown as Handler;
};

const store = new MemoryStore();
const one = { limit: plenty, windowMs };
const three = [
  { name: "ip", ...one },
  { name: "user", ...one, key: userOf },
  { name: "day", limit: plenty, windowMs: 86_400_000, key: userOf },
];
const contestants: Record<string, Handler | undefined> = {
  "nothing at all": (_req, _res, next) => next(),
  "rateLimit(), 1 policy": rateLimit({ ...one, store }),
  "rateLimit(), 3 policies": rateLimit({ policies: three, store }),
  "rateLimit(), 3 policies, no headers": rateLimit({ policies: three, store, headers: false }),
  "express-rate-limit, draft-7": theirs("draft-7", plenty, windowMs),
  "express-rate-limit, draft-8": theirs("draft-8", plenty, windowMs),
  "rate-limiter-flexible, no headers": await flexible(plenty, windowMs),
};

const app = express();
/** A request as Express prepares it, which express-rate-limit needs. */
function newRequest(index: number): [IncomingMessage, ServerResponse] {
  const req = Object.setPrototypeOf(new IncomingMessage(socket), app.request) as IncomingMessage;
  req.headers = { "x-user": users[index % users.length] };
  const res = Object.setPrototypeOf(new ServerResponse(req), app.response) as ServerResponse;
  Object.assign(req, { app, res });
  Object.assign(res, { app, req });
  return [req, res];
}

async function nsPerCall(handler: Handler, calls: number): Promise<number> {
  const start = process.hrtime.bigint();
  for (let call = 0; call < calls; call += 1) {
    const [req, res] = newRequest(call);
    let isDone = false;
    let done = (): void => void (isDone = true);
    handler(req, res, () => done());
    if (!isDone) await new Promise<void>((resolve) => (done = resolve));
  }
  return Number(process.hrtime.bigint() - start) / calls;
}

const best: Record<string, number> = {};
for (let round = 0; round < 6; round += 1) {
  for (const [name, handler] of Object.entries(contestants)) {
    if (handler !== undefined) best[name] = Math.min(best[name] ?? Infinity, await nsPerCall(handler, 20_000));
  }
}
const emptyNs = best["nothing at all"] ?? 0;
const oursNs = (best["rateLimit(), 3 policies"] ?? 0) - emptyNs;
for (const name of Object.keys(contestants)) {
  const ns = (best[name] ?? Number.NaN) - emptyNs;
  const shown = Number.isNaN(ns)
    ? "not installed: left out"
    : `${(ns / 1_000).toFixed(2).padStart(6)} us   ${(ns / oursNs).toFixed(2)} x ours`;
  console.log(`${name.padEnd(38)} ${shown}`);
}

/** Sends bursts around the edge of a fixed window that starts now; tells the most that passed within one trailing window. */
async function mostInWindow(handler: Handler, ms: number): Promise<number> {
  const passed: number[] = [];
  const start = performance.now();
  await nsPerCall((req, res, next) => handler(req, res, () => next()), 1);
  for (const at of [ms * 0.9, ms * 1.05]) {
    await new Promise((resolve) => setTimeout(resolve, start + at - performance.now()));
    for (let sent = 0; sent < 20; sent += 1) {
      const [req, res] = newRequest(0);
      const error = await new Promise((resolve) => handler(req, res, resolve));
      if (error === undefined) passed.push(performance.now());
    }
  }
  return Math.max(...passed.map((end) => passed.filter((at) => at <= end && at > end - ms).length));
}

const edgeMs = 1_000;
const atEdge: Record<string, Handler | undefined> = {
  "rateLimit()": rateLimit({ limit: 10, windowMs: edgeMs, store: new MemoryStore() }),
  "express-rate-limit": theirs("draft-7", 10, edgeMs),
  "rate-limiter-flexible": await flexible(10, edgeMs),
};
console.log("\nmost accepted within one second, of a limit of 10:");
const most: Record<string, number> = {};
for (const [name, handler] of Object.entries(atEdge)) {
  if (handler !== undefined) most[name] = await mostInWindow(handler, edgeMs);
  console.log(`${name.padEnd(38)} ${most[name] ?? "not installed: left out"}`);
}

if (oursNs > (best["express-rate-limit, draft-7"] ?? 0) - emptyNs || (most["rateLimit()"] ?? 0) > 10) {
  console.error("a claim of README.md does not hold");
  process.exitCode = 1;
}
process.exit();
