export { ipKey } from "./ip-key.ts";
export { MemoryStore, type MemoryStoreOptions } from "./memory-store.ts";
export type { RateLimitOptions } from "./options.ts";
export type { Policy } from "./policy.ts";
export { rateLimit, type RateLimitHandler } from "./rate-limit.ts";
export { type RateLimitDecided, rateLimitDecided } from "./rate-limit-decided.ts";
export { refundRateLimit } from "./refund-rate-limit.ts";
export { getRateLimit, type PolicyResult, type RateLimitResult } from "./result.ts";
export type { Charge, Decision, Store, Verdict } from "./store.ts";
