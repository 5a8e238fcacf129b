import type { Handler } from "@aivillage/middleware";

import { healthChecked, replicaStatusChanged, serviceStatusChanged } from "./events.ts";
import type { HealthSource } from "./health-source.ts";
import type { HealthCascadeOptions } from "./options.ts";
import { readHealthCascadeOptions } from "./read-options.ts";
import { type HealthReport, overallStatus, roundMs, toTimestamp } from "./report.ts";
import type { ReportedHealth } from "./reported-health.ts";
import { respondJson, refuseMethod } from "./respond-json.ts";
import { makeRounds } from "./rounds.ts";
import { watchService } from "./service-watch.ts";

/** The handler of `healthCascade()`, which can also be used within the process. */
export interface HealthCascade extends Handler, HealthSource {
  /**
   * Reports what requests to a service have shown. After `healthy: false` it is unhealthy whatever probes find, until `healthy: true`, or
   * until `reportedHealthMs` have passed without another report. `healthy: true` does not override a failed probe.
   */
  reportHealth(health: ReportedHealth): void;
  /** Aborts running probes and starts no more; later callers get the last known report. */
  close(): void;
}

/**
 * Makes the handler that responds with the health of this process and of all services that it depends on.
 *
 * All services are probed at the same time, and the response is sent at the deadline, even if some have not responded by then. Callers
 * share rounds and their results, so the probe rate does not depend on the caller rate. It handles every path that it is mounted at.
 * The status is 200 for `healthy` or `degraded`, and 503 for `unhealthy`. Methods other than GET and HEAD get a 405 problem of type
 * `method-not-allowed`.
 *
 * @throws TypeError for an unknown or bad option
 */
export function healthCascade(options: HealthCascadeOptions): HealthCascade {
  const { services, environment, ...settings } = readHealthCascadeOptions(options);
  const watches = services.map((service) =>
    watchService(service, settings, {
      onServiceChange: (change) => {
        if (serviceStatusChanged.heard) serviceStatusChanged.publish({ source: cascade, ...change });
      },
      onReplicaChange: (change) => {
        if (replicaStatusChanged.heard) replicaStatusChanged.publish({ source: cascade, ...change });
      },
    }),
  );
  const byName = new Map(watches.map((watch) => [watch.name, watch]));
  const rounds = makeRounds(watches, settings, (durationMs) => {
    if (healthChecked.heard) healthChecked.publish({ source: cascade, status: overallStatus(watches), durationMs });
  });

  const report = (askedAt: number): HealthReport => ({
    status: overallStatus(watches),
    timestamp: toTimestamp(rounds.endedAt),
    services: Object.fromEntries(watches.map((watch) => [watch.name, watch.report])),
    gateway: {
      uptime_seconds: Math.floor(process.uptime()),
      environment,
      response_time_ms: roundMs(performance.now() - askedAt),
    },
  });

  const healthCascadeHandler: Handler = (req, res, next) => {
    const refusal = refuseMethod(req);
    if (refusal !== undefined) return next(refusal);
    const askedAt = performance.now();
    const respond = (): void => {
      const document = report(askedAt);
      respondJson(req, res, document.status === "unhealthy" ? 503 : 200, document);
    };
    const round = rounds.ask();
    if (round === undefined) respond();
    else round.then(respond, next);
  };

  const cascade: HealthCascade = Object.assign(healthCascadeHandler, {
    async check(): Promise<HealthReport> {
      const askedAt = performance.now();
      await rounds.ask();
      return report(askedAt);
    },
    reportHealth({ service, replica, healthy }: ReportedHealth): void {
      byName.get(service)?.reportHealth(healthy, replica);
    },
    close: () => rounds.close(),
  });
  return cascade;
}
