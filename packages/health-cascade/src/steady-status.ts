import type { ServiceStatus } from "./report.ts";

/** How many verdicts in a row change a status. */
export interface Thresholds {
  /** Good ones, until what was unhealthy is healthy. */
  readonly rise: number;
  /** Bad ones, until what was healthy is unhealthy. */
  readonly fall: number;
}

/** A status that single verdicts do not make flap. */
export interface SteadyStatus {
  readonly status: ServiceStatus | "unknown";
  /** True when the verdict has changed the status. The first one decides at once. */
  count(verdict: ServiceStatus): boolean;
}

export function makeSteadyStatus({ rise, fall }: Thresholds): SteadyStatus {
  let status: ServiceStatus | "unknown" = "unknown";
  let against = 0;

  return {
    get status() {
      return status;
    },
    count(verdict) {
      against = verdict === status ? 0 : against + 1;
      const needed = verdict === "healthy" ? rise : fall;
      if (verdict === status || (status !== "unknown" && against < needed)) return false;
      status = verdict;
      against = 0;
      return true;
    },
  };
}
