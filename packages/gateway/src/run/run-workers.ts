import cluster, { type Worker } from "node:cluster";

import { attachAuditLog, type AuditLog, throttleByKind, workerAuditLog } from "@aivillage/access-log";
import { ClusterStore as ClusterSlots } from "@aivillage/admission";
import { probeForWorkers } from "@aivillage/health-cascade";
import {
  joinFleet,
  notifySystemd,
  superviseWorkers,
  workerCallFailed,
  type WorkerCallFailed,
  workerDied,
  workerFleet,
  type WorkerFleetOptions,
  workersListening,
  workersReplaced,
  workerStartFailed,
} from "@aivillage/http-server";
import { collectFromWorkers, type MetricsSource, Registry, reportToPrimary } from "@aivillage/metrics";
import { ClusterStore } from "@aivillage/rate-limit";
import { budgetJournalFailed, ClusterStore as ClusterBudgets } from "@aivillage/token-budget";

import type { ServingProcess } from "../admin/serving-process.ts";
import type { AdminListener } from "../admin/start-admin.ts";
import type { ConfigSources } from "../config/load-config.ts";
import { hasAdmin } from "../config/rules/admin-rules.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";
import { withJournal } from "../state/budget-store.ts";
import { openAuditLog } from "../state/open-audit-log.ts";
import { makeLogger } from "../state/runtime-state.ts";
import { budgetLines } from "../state/telemetry/budget-lines.ts";
import { ConfigInForce } from "./config-in-force.ts";
import { handOver, isGatewayWorker, workerMark } from "./hand-over.ts";
import { logExpiringKeys } from "./log-expiring-keys.ts";
import { warnOfMemory } from "./memory-limit.ts";
import { warnOfOpenFiles } from "./open-files.ts";
import { reloadOnChange } from "./reload-on-change.ts";
import { startGateway, startOperated, type StartOptions } from "./start-gateway.ts";
import { registerTracing } from "./tracing/register-tracing.ts";
import { warnOfConfig } from "./warn-of-config.ts";

/** Time that a stopped worker has beyond its own limits. */
const extraMs = 5_000;

/**
 * Runs the gateway as a program: in this process, or with `WORKERS` above 1 in as many of which this one is the primary.
 *
 * Workers count in the primary what Redis does not count, so that a limit holds for all of them together, and any of them responds
 * a scrape for all. The primary probes the services for all workers.
 *
 * @returns the exit code, as soon as this process listens; a primary ends its process when all its workers have ended
 */
export async function run(config: GatewayConfig, sources: ConfigSources): Promise<number> {
  if (cluster.worker !== undefined && isGatewayWorker()) return await runWorker(cluster.worker, config, sources);
  if (config.server.workers === 1) {
    const logger = makeLogger(config);
    await registerTracing(sources.env, logger);
    await startGateway(config, { handleSignals: true, sources, logger });
    reportReady(sources, logger);
    return 0;
  }
  // Workers that start later may have lost their Redis by a new configuration.
  ClusterStore.attach({ maxKeys: config.rateLimit.maxKeys });
  ClusterSlots.attach();
  attachBudgets(config);
  const audit = attachAudit(config);
  const metrics = collectFromWorkers();
  probeForWorkers();
  const logger = makeLogger(config);
  warnOfConfig(config, logger);
  warnOfOpenFiles(config, logger);
  warnOfMemory(config, logger);
  const inForce = new ConfigInForce(config, logger);
  logExpiringKeys(inForce, logger);
  handOver(inForce);
  reloadOnChange(sources, inForce);
  logWorkers(logger);
  void workersListening(config.server.workers).then(() => reportReady(sources, logger));
  const admin = await primaryAdmin(inForce, metrics);
  const { workers, drainDelaySeconds, drainSeconds } = config.server;
  const stopMs = (drainDelaySeconds + drainSeconds) * 1_000 + extraMs;
  const exitCode = await superviseWorkers({ workers, stopMs, env: { [workerMark]: "1" }, renew: () => inForce.renew(sources) });
  await admin?.close();
  await audit?.close();
  // A timer, such as that of a delayed restart, must not keep a primary without workers.
  return process.exit(exitCode);
}

/** The primary has the admin listener of all workers. */
async function primaryAdmin(inForce: ConfigInForce, metrics: MetricsSource): Promise<AdminListener | undefined> {
  if (!hasAdmin(inForce.config)) return undefined;
  const { startAdmin } = await import("../admin/start-admin.ts");
  return await startAdmin({
    get config() {
      return inForce.config;
    },
    get reloads() {
      return inForce.reloads;
    },
    logger: inForce.logger,
    metrics,
    fleet: workerFleet<ServingProcess>({ lasting }),
  });
}

/** Log level and draining replicas hold for the workers that start later too. */
const lasting: Required<WorkerFleetOptions<ServingProcess>>["lasting"] = (call, [first, isDraining]) => {
  if (call === "setLogLevel") return { name: call };
  return call === "setDraining" ? { name: `${call} ${String(first)}`, isInitial: isDraining !== true } : undefined;
};

/** A `Type=notify` unit of systemd is started from here on. */
function reportReady({ env = {} }: ConfigSources, logger: GatewayLogger): void {
  notifySystemd(env).catch((error: unknown) => logger.error({ err: error }, "systemd not notified"));
}

function logWorkers(logger: GatewayLogger): void {
  workerDied.subscribe(({ worker, code, signal, restartMs }) =>
    logger.error({ worker, code, signal, restart_ms: restartMs }, "worker died"),
  );
  workersReplaced.subscribe(({ replaced }) => logger.info({ replaced }, "workers replaced"));
  workerStartFailed.subscribe(({ worker }) => logger.error({ worker }, "a new worker does not listen, the others stay"));
  // A worker that hangs fails at every call.
  const callFailed = throttleByKind(
    ({ worker, call, error }: WorkerCallFailed) => `${worker} ${call} ${error.message}`,
    ({ worker, call, error }, failures) => {
      const pid = cluster.workers?.[worker]?.process.pid;
      logger.warn({ worker, pid, call, reason: error.message, failures }, "worker call failed");
    },
  );
  workerCallFailed.subscribe(callFailed);
  // This process has the journal of all workers.
  budgetJournalFailed.subscribe(budgetLines(logger).journalFailed);
}

async function runWorker({ id }: Worker, config: GatewayConfig, sources: ConfigSources): Promise<number> {
  const logger = makeLogger(config, { worker: id, pid: process.pid });
  await registerTracing(sources.env, logger);
  const registry = new Registry();
  const reports = reportToPrimary({ registry });
  const audit = config.audit.file === "" ? undefined : workerAuditLog({ onFailure: config.audit.onFailure });
  const options: StartOptions = {
    handleSignals: true,
    sources,
    registry,
    metricsSource: reports,
    probe: "primary",
    beforeEnd: async () => {
      await audit?.close();
      await reports.close();
    },
    logger,
    ...(countsInPrimary(config) && workerStores(config)),
    ...(audit !== undefined && { audit }),
  };
  await startOperated(config, options, async (gateway, server) => {
    if (!hasAdmin(gateway.config)) return undefined;
    const { servingProcess } = await import("../admin/serving-process.ts");
    const serving = servingProcess(gateway, server, id);
    const leave = joinFleet(serving);
    return {
      close: async () => {
        leave();
        serving.close();
      },
    };
  });
  return 0;
}

function countsInPrimary({ rateLimit }: GatewayConfig): boolean {
  return rateLimit.redisUrl === "";
}

/** A journal belongs to one process, and the workers have the same budgets. */
function attachBudgets(config: GatewayConfig): void {
  const { journal } = config.budgets;
  withJournal(countsInPrimary(config) ? journal : "", (options) => ClusterBudgets.attach(options));
}

/** One process writes the chain, so that one file holds the calls of all workers. */
function attachAudit(config: GatewayConfig): AuditLog | undefined {
  const log = openAuditLog(config);
  if (log !== undefined) attachAuditLog(log);
  return log;
}

/** The primary is alive whenever this worker is, so its response is worth a wait; without one each worker grants its part. */
function workerStores({ server: { workers: instances }, rateLimit: { maxKeys } }: GatewayConfig) {
  return {
    store: new ClusterStore({ deadlineMs: 2_000, instances, maxKeys }),
    slots: new ClusterSlots({ instances }),
    budgets: new ClusterBudgets({ deadlineMs: 2_000, instances }),
  };
}
