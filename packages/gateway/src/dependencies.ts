import type { AuditSink } from "@aivillage/access-log";
import type { AdmissionStore } from "@aivillage/admission";
import type { HealthCascadeOptions } from "@aivillage/health-cascade";
import type { MetricsSource, Registry } from "@aivillage/metrics";
import type { Store } from "@aivillage/rate-limit";
import type { BudgetStore } from "@aivillage/token-budget";

/** What the gateway asks of a logger; pino has this shape. */
export interface GatewayLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What a program that embeds a gateway may bring along. */
export interface GatewayDependencies {
  /** Takes all log lines. Default: pino on standard output at the configured level. */
  logger?: GatewayLogger;
  /** Takes all metrics. Default: a new registry of this gateway's own. */
  registry?: Registry;
  /** What `/metrics` returns. Default: the registry. */
  metricsSource?: MetricsSource;
  /**
   * Which process probes the services in the background: `background` for this process, `primary` in a worker whose primary calls
   * `probeForWorkers()` of `@aivillage/health-cascade`. `HEALTH_CHECK_INTERVAL=0` wins over it. Default `background`.
   */
  probe?: Exclude<HealthCascadeOptions["probe"], "request" | undefined>;
  /** Keeps the counts of the rate limits; its creator closes it. Default: Redis when `REDIS_URL` is set, else memory. */
  store?: Store;
  /** Keeps the slots of concurrency limits; its creator closes it. Default: Redis when `REDIS_URL` is set, else memory. */
  slots?: AdmissionStore;
  /** Keeps what is used of budgets; its creator closes it. Default: Redis when `REDIS_URL` is set, else memory and `BUDGET_JOURNAL`. */
  budgets?: BudgetStore;
  /** Takes the records of calls; its creator closes it after the gateway. Default: the audit log of `AUDIT_FILE`, if it is set. */
  audit?: AuditSink;
}
