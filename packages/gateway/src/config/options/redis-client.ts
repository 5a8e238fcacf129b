import { createRequire } from "node:module";

import type * as redis from "@redis/client";

const require = createRequire(import.meta.url);

/** Before the names of all that gateways count together. */
export const countsPrefix = "aivillage:rate-limit:";

/** Before the names of all budgets that gateways share. */
export const budgetsPrefix = "aivillage:token-budget:";

/** Before the names of all slots that gateways share. */
export const slotsPrefix = "aivillage:admission:";

let makeClient: ReturnType<typeof redis.RedisClient.factory> | undefined;

/** Makes a client that is not connected yet. @throws Error when the URL cannot be read; its message may quote the URL */
export function redisClient(options: redis.RedisClientOptions) {
  // Its 650 modules are a quarter of the gateway's start and memory: only who counts in Redis loads them.
  const { RedisClient } = require("@redis/client") as typeof redis;
  // `createClient()` makes a class of all commands for each client, which takes tens of milliseconds.
  makeClient ??= RedisClient.factory();
  return makeClient(options);
}

/** Refusals of Redis begin with their kind. */
const kindOfReply = /^[A-Z]+(?= )/;

/** Whether an error is what Redis has replied, and not one of the connection. */
export function isRedisReply(error: Error): boolean {
  return !("code" in error) && kindOfReply.test(error.message);
}

/** Why Redis could not be asked. Its refusals begin with their kind, such as `WRONGPASS`; what follows may quote what was sent, and so the password. */
export function redisProblem(error: NodeJS.ErrnoException): string {
  // Errors of the client itself, such as `ConnectionTimeoutError`, differ in their class alone.
  return error.code ?? kindOfReply.exec(error.message)?.[0] ?? error.constructor.name;
}
