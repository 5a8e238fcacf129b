import { type Handler, passError } from "@aivillage/middleware";

import { ownProbes } from "./background/own-probes.ts";
import { probeInBackground } from "./background/probe-in-background.ts";
import { primaryProbes } from "./cluster/primary-probes.ts";
import { healthChecked, replicaStatusChanged, serviceStatusChanged } from "./events.ts";
import type { HealthSource } from "./health-source.ts";
import { probeOnRequest } from "./on-request/rounds.ts";
import type { HealthCascadeOptions } from "./options.ts";
import type { Probing } from "./probing.ts";
import { readHealthCascadeOptions } from "./read-options.ts";
import { type HealthReport, overallStatus, roundMs, toTimestamp } from "./report.ts";
import type { ReportedHealth } from "./reported-health.ts";
import { respondJson, refuseMethod } from "./respond-json.ts";
import { makeServiceState, type ServiceState, type StateSettings } from "./service-state.ts";
import { staleAfterMs } from "./stale-after.ts";

/** The handler of `healthCascade()`, which can also be used within the process. */
export interface HealthCascade extends Handler, HealthSource {
  /**
   * Reports what requests to a service have shown. After `healthy: false` it is unhealthy whatever probes find, until `healthy: true`, or
   * until `reportedHealthMs` have passed without another report. `healthy: true` does not override a failed probe.
   */
  reportHealth(health: ReportedHealth): void;
  /** Starts background probes without waiting for the first caller. With `probe: "request"` it does nothing. */
  start(): void;
  /**
   * The report as it is known now, without probing or waiting.
   *
   * @param options.replicas shows each replica, for the operator. Default: as the option `showReplicas` says
   */
  lastReport(options?: { replicas?: boolean }): HealthReport;
  /** Aborts running probes and starts no more; later callers get the last known report. */
  close(): void;
}

/**
 * Makes the handler that responds with the health of this process and of all services that it depends on.
 *
 * The services are probed in the background from the first request on, and the response is what the last probes have found; see the
 * option `probe` for other ways. Callers never cause more probes, and wait at most `deadlineMs`. It handles every path that it is mounted
 * at. The status is 200 for `healthy` or `degraded`, and 503 for `unhealthy`. Methods other than GET and HEAD get a 405 problem of type
 * `method-not-allowed`.
 *
 * @throws OptionError for an unknown or bad option; Error for `probe: "primary"` in a process that is not a worker
 */
export function healthCascade(options: HealthCascadeOptions): HealthCascade {
  const { services, environment, ...settings } = readHealthCascadeOptions(options);
  const states = services.map((service) =>
    makeServiceState(service, stateSettings(settings), {
      onServiceChange: (change) => {
        if (serviceStatusChanged.hasSubscribers) serviceStatusChanged.publish({ source: cascade, ...change });
      },
      onReplicaChange: (change) => {
        if (replicaStatusChanged.hasSubscribers) replicaStatusChanged.publish({ source: cascade, ...change });
      },
    }),
  );
  const byName = new Map(states.map((state) => [state.service.name, state]));
  const probing = makeProbing(states, settings, (durationMs) => {
    if (healthChecked.hasSubscribers) healthChecked.publish({ source: cascade, status: overallStatus(states), durationMs });
  });

  const report = (askedAt: number, of: "report" | "detailedReport" = "report"): HealthReport => ({
    status: overallStatus(states),
    timestamp: toTimestamp(probing.endedAt),
    services: Object.fromEntries(states.map((state) => [state.service.name, state[of]])),
    gateway: {
      uptime_seconds: Math.floor(process.uptime()),
      environment,
      response_time_ms: roundMs(performance.now() - askedAt),
    },
  });

  const healthCascadeHandler: Handler = (req, res, next) => {
    const refusal = refuseMethod(req);
    if (refusal !== undefined) return passError(refusal, res, next);
    const askedAt = performance.now();
    const respond = (): void => {
      const document = report(askedAt);
      respondJson(req, res, document.status === "unhealthy" ? 503 : 200, document);
    };
    const round = probing.ask();
    if (round === undefined) respond();
    else round.then(respond, next);
  };

  const cascade: HealthCascade = Object.assign(healthCascadeHandler, {
    async check(): Promise<HealthReport> {
      const askedAt = performance.now();
      await probing.ask();
      return report(askedAt);
    },
    reportHealth({ service, replica, healthy }: ReportedHealth): void {
      byName.get(service)?.reportHealth(healthy, replica);
    },
    start: () => probing.start(),
    lastReport: ({ replicas = false } = {}) => report(performance.now(), replicas ? "detailedReport" : "report"),
    close() {
      for (const state of states) state.stop();
      probing.close();
    },
  });
  return cascade;
}

type Settings = Omit<ReturnType<typeof readHealthCascadeOptions>, "services" | "environment">;

function stateSettings({ probe, reportedHealthMs, showReplicas, cacheMs, staleMs }: Settings): StateSettings {
  const isOnRequest = probe === "request";
  return {
    reportedHealthMs,
    showReplicas,
    showTimes: !isOnRequest,
    staleAfterMs: isOnRequest ? ({ timeoutMs }) => cacheMs + staleMs + timeoutMs : staleAfterMs,
  };
}

function makeProbing(states: readonly ServiceState[], settings: Settings, onRound: (durationMs: number) => void): Probing {
  if (settings.probe === "request") return probeOnRequest(states, settings, onRound);
  const source = settings.probe === "primary" ? primaryProbes() : ownProbes;
  return probeInBackground(states, source, settings.deadlineMs);
}
