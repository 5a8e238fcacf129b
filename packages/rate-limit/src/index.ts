export type { AttachedCounts } from "./cluster/attach.ts";
export { ClusterStore } from "./cluster/cluster-store.ts";
export type { ClientInfo, ExpressRateLimitStore } from "./express/express-rate-limit-store.ts";
export { fromExpressRateLimitStore } from "./express/from-express-rate-limit-store.ts";
export { type ExactStore, type ExpressRateLimitStoreOptions, toExpressRateLimitStore } from "./express/to-express-rate-limit-store.ts";
export { ipKey } from "./ip-key.ts";
export { createLimiter, type Limiter, type Outcome, type Reservation } from "./limiter.ts";
export { MemoryStore, type MemoryStoreOptions } from "./memory/memory-store.ts";
export type { LimiterOptions, RateLimitOptions } from "./options.ts";
export { getRateLimit, refundRateLimit, settleRateLimit } from "./http/passage.ts";
export type { Penalty, PenaltyList } from "./penalty/penalty-box.ts";
export { Penalties } from "./penalty/penalties.ts";
export type { PenaltyOptions } from "./penalty/penalty-options.ts";
export type { PenaltyRecord, PenaltyRecords, PenaltySnapshot } from "./penalty-records.ts";
export type { Policy } from "./policy.ts";
export { rateLimit } from "./rate-limit.ts";
export {
  type OutagePolicy,
  penaltyChanged,
  type PenaltyChanged,
  type PenaltyState,
  type RateLimitDecided,
  rateLimitDecided,
  type RateLimitSkipped,
  rateLimitSkipped,
  storeAvailabilityChanged,
  type StoreAvailabilityChanged,
  storeEntriesRepaired,
  type StoreEntriesRepaired,
} from "./events.ts";
export type { RateLimitHandler } from "./rate-limit-handler.ts";
export type { ActualCost } from "./receipt.ts";
export type { PolicyResult, RateLimitResult } from "./result.ts";
export { type RedisClient, RedisStore, type RedisStoreOptions } from "./redis/redis-store.ts";
export type { RemoteStoreOptions } from "./remote/remote-options.ts";
export type { Charge, Decision, PolicyWindow, Store, Verdict } from "./store.ts";
