import type { Handler } from "@aivillage/middleware";

import { healthChecked, replicaStatusChanged, serviceStatusChanged } from "./events.ts";
import { type HealthCascadeOptions, readHealthCascadeOptions } from "./options.ts";
import { type HealthReport, overallStatus, roundMs, toTimestamp } from "./report.ts";
import type { Observed } from "./reported-health.ts";
import { answerJson, refuseMethod } from "./respond-json.ts";
import { makeRounds } from "./rounds.ts";
import { watchService } from "./service-watch.ts";

/** The handler of `healthCascade()`, and the same knowledge for use in the process. */
export interface HealthCascade extends Handler {
  /** What a caller would be told now: from the cache, or after a probe round. Never rejects. */
  check(): Promise<HealthReport>;
  /**
   * Tells what requests to a service have shown. After `down` it is unhealthy whatever probes say, until `up`, or until
   * `observationMs` have passed without another `down`. `up` overrules no probe. A service or replica that is not known is none
   * of this cascade's, and is passed over.
   *
   * @param replica its scheme, host and port, when it is not about the service as a whole
   */
  observe(service: string, observed: Observed, replica?: string): void;
  /** Gives up running probes and starts no more; later callers are told what was known last. */
  close(): void;
}

/**
 * Makes the handler that answers with the health of this process and of all services that it stands on.
 *
 * All services are probed at the same time, and the answer is sent at the deadline, whoever has not answered by then. Callers
 * share rounds and their results, so that the probe rate does not depend on the caller rate. It takes every path it is
 * mounted at. 200 when `healthy` or `degraded`, 503 when `unhealthy`; methods other than GET and HEAD are a 405 problem of
 * type `method-not-allowed`.
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
    const answer = (): void => {
      const document = report(askedAt);
      answerJson(req, res, document.status === "unhealthy" ? 503 : 200, document);
    };
    const round = rounds.ask();
    if (round === undefined) answer();
    else round.then(answer, next);
  };

  const cascade: HealthCascade = Object.assign(healthCascadeHandler, {
    async check(): Promise<HealthReport> {
      const askedAt = performance.now();
      await rounds.ask();
      return report(askedAt);
    },
    observe(service: string, observed: Observed, replica?: string): void {
      byName.get(service)?.observe(observed, replica);
    },
    close: () => rounds.close(),
  });
  return cascade;
}
