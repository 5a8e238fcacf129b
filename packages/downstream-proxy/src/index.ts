export { type DownstreamProxy, downstreamProxy } from "./downstream-proxy.ts";
export { type Downstream, getDownstream } from "./report/downstream-value.ts";
export type { BreakerState } from "./failures/breaker.ts";
export {
  type AttemptOutcome,
  type BreakerChanged,
  breakerChanged,
  type ConcurrencyExceeded,
  concurrencyExceeded,
  type DownstreamAttempted,
  downstreamAttempted,
  type DownstreamUpgraded,
  downstreamUpgraded,
  type ReplicaChanged,
  replicaChanged,
} from "./report/events.ts";
export type { BreakerOptions, EjectionOptions, FailureWindowOptions, RetryOptions } from "./options/failure-options.ts";
export type { HeaderGroup } from "./fields/header-patterns.ts";
export type { PathExchange, RewrittenCookies } from "./fields/rewrite-headers.ts";
export { requestClaims } from "./fields/request-claims.ts";
export { withheldHeaders } from "./fields/withheld-headers.ts";
export type { ReportedHealth, ReplicaState, TargetState } from "./targets/target-state.ts";
export type { AttemptBeginning, FallbackReason, MergeOutcome, ReplacedBody } from "./options/option-values.ts";
export type { DownstreamProxyOptions } from "./options/options.ts";
export type { FilteredHead, ResponseEnd, ResponseFilter, ResponseOpening } from "./options/response-filter.ts";
export { proxyFromEnvironment } from "./options/proxy-from-environment.ts";
export type { SessionCookieOptions } from "./options/session-cookie-options.ts";
export type { ReplicaOptions, TargetOptions, TlsOptions } from "./options/target-options.ts";
export { withholdSecrets, type WithholdSecretsOptions } from "./response/withhold-secrets.ts";
