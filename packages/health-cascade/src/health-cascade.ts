import type { Handler } from "@aivillage/middleware";

import { answerJson, refuseMethod } from "./answer.ts";
import { type HealthCascadeOptions, readHealthCascadeOptions } from "./options.ts";
import { type HealthReport, overallStatus, roundMs, toTimestamp } from "./report.ts";
import { makeRounds } from "./rounds.ts";
import { watchService } from "./service-watch.ts";

/** The handler of `healthCascade()`, and the same knowledge for use in the process. */
export interface HealthCascade extends Handler {
  /** What a caller would be told now: from the cache, or after a probe round. Never rejects. */
  check(): Promise<HealthReport>;
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
  const { services, deadlineMs, cacheMs, environment } = readHealthCascadeOptions(options);
  const watches = services.map((service) => watchService(service, deadlineMs));
  const rounds = makeRounds(watches, deadlineMs, cacheMs);

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
    if (rounds.fresh) return answer();
    rounds.run().then(answer, next);
  };

  async function check(): Promise<HealthReport> {
    const askedAt = performance.now();
    if (!rounds.fresh) await rounds.run();
    return report(askedAt);
  }

  return Object.assign(healthCascadeHandler, { check, close: () => rounds.close() });
}
