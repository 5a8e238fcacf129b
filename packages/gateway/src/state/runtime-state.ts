import type { IncomingMessage } from "node:http";

import { type AuditSink, createLogger } from "@aivillage/access-log";
import { metrics, type MetricsSource, Registry } from "@aivillage/metrics";
import type { Handler } from "@aivillage/middleware";
import { getTraceContext } from "@aivillage/request-id";
import { getRoute } from "@aivillage/router";

import { isProduction } from "../config/settings/environment-name.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayDependencies, GatewayLogger } from "../dependencies.ts";
import { type ApiKeyRings, makeApiKeyRings } from "./api-key-rings.ts";
import { type Budgets, makeBudgets } from "./budget-store.ts";
import { configuredLevel } from "./log-level.ts";
import type { NoteSource } from "./note-source.ts";
import { openAuditLog } from "./open-audit-log.ts";
import { makeOwnApp, type OwnApp } from "./own-app.ts";
import { type Counts, makeCounts } from "./rate-limit-store.ts";
import { makeSlots, type Slots } from "./slots.ts";
import { keyMetrics } from "./telemetry/key-metrics.ts";
import { observe, type Observer } from "./telemetry/observe.ts";
import { staleSources } from "./telemetry/stale-sources.ts";
import { makeTokenKeys, type TokenKeys } from "./token-keys.ts";
import { makeWebhook, type WebhookInForce } from "./webhook-in-force.ts";

/** What outlives a change of the configuration, so that no count, metric or route of one's own is lost by it. */
export interface RuntimeState {
  readonly logger: GatewayLogger;
  readonly registry: Registry;
  /** What `/metrics` returns: the registry, or the sum over all workers. */
  readonly metricsSource: MetricsSource;
  /** Which process probes the services. */
  readonly probe: NonNullable<GatewayDependencies["probe"]>;
  /** Counts of the rate limits, and who is penalised. */
  readonly counts: Counts;
  /** Slots of backends and keys, and the queues before them. */
  readonly slots: Slots;
  /** What is used of budgets. */
  readonly budgets: Budgets;
  /** Receives notifications about budgets. */
  readonly webhook: WebhookInForce;
  /** Where calls are recorded; `undefined` for nowhere. */
  readonly audit: AuditSink | undefined;
  /** Public keys of the issuer of tokens. */
  readonly tokenKeys: TokenKeys;
  /** Keys of the clients. */
  readonly apiKeys: ApiKeyRings;
  readonly observer: Observer;
  /** Receives whether a file was taken when it was read again. */
  readonly noteSource: NoteSource;
  readonly metrics: Handler;
  readonly own: OwnApp;
  /** Replicas that the operator has taken out of choice, by scheme, host and port. */
  readonly drainingReplicas: Set<string>;
  /** True from `drain()` on: `/readyz` returns 503, and connections end with their response. */
  draining: boolean;
  /** Resolves when the records of the last calls are written. */
  close(): Promise<void>;
}

export function makeState(config: GatewayConfig, dependencies: GatewayDependencies): RuntimeState {
  // The first that may fail.
  const audit = dependencies.audit ?? openAuditLog(config);
  const logger = dependencies.logger ?? makeLogger(config);
  const registry = dependencies.registry ?? new Registry();
  const counts = makeCounts(config, logger, dependencies.store);
  const slots = makeSlots(config, logger, dependencies.slots);
  const budgets = makeBudgets(config, logger, dependencies.budgets);
  const webhook = makeWebhook();
  const noteSource = staleSources(registry);
  const tokenKeys = makeTokenKeys(noteSource);
  const apiKeys = makeApiKeyRings(logger, noteSource);
  keyMetrics(registry, apiKeys);
  const logsDecisions = configuredLevel(config) === "debug";
  const observer = observe(registry, logger, { counts, slots, logsDecisions, noteSource, auditFile: config.audit.file });
  return {
    logger,
    registry,
    metricsSource: dependencies.metricsSource ?? registry,
    probe: dependencies.probe ?? "background",
    counts,
    slots,
    budgets,
    webhook,
    audit,
    tokenKeys,
    apiKeys,
    observer,
    noteSource,
    metrics: metrics({ registry, endpoint: getRoute, traceId: sampledTraceId }),
    own: makeOwnApp(),
    drainingReplicas: new Set(),
    draining: false,
    close: async () => {
      budgets.close();
      slots.close();
      counts.close();
      tokenKeys.close();
      await webhook.close();
      if (dependencies.audit === undefined) await audit?.close();
      observer.close();
    },
  };
}

/** Only a trace that somebody keeps is worth a link from a metric. */
function sampledTraceId(req: IncomingMessage): string | undefined {
  const trace = getTraceContext(req);
  return trace?.sampled === true ? trace.traceId : undefined;
}

/** The log on standard output, or what the terminal shows in development. */
export function makeLogger(config: GatewayConfig, bindings: object = {}): GatewayLogger {
  const { environment } = config;
  return createLogger({ level: configuredLevel(config), pretty: !isProduction(environment) && process.stdout.isTTY }).child(bindings);
}
