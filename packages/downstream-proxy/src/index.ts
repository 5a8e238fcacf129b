export { type DownstreamProxy, downstreamProxy } from "./downstream-proxy.ts";
export { type Downstream, getDownstream } from "./downstream-value.ts";
export type { BreakerState } from "./breaker.ts";
export {
  type AttemptOutcome,
  type BreakerChanged,
  breakerChanged,
  type ConcurrencyExceeded,
  concurrencyExceeded,
  type DownstreamAttempted,
  downstreamAttempted,
  type ReplicaChanged,
  replicaChanged,
} from "./events.ts";
export type { BreakerOptions, EjectionOptions, FailureWindowOptions, RetryOptions } from "./failure-options.ts";
export type { HeaderGroup } from "./header-patterns.ts";
export { requestClaims } from "./request-claims.ts";
export { withheldHeaders } from "./withheld-headers.ts";
export type { HealthHint, ReplicaState, TargetState } from "./knowledge.ts";
export type { AttemptBeginning, DownstreamProxyOptions, FallbackReason, MergeOutcome, ReplacedBody, Target } from "./options.ts";
