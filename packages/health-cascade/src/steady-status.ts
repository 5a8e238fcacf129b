import type { KnownStatus, ServiceStatus } from "./report.ts";

/** How many results in a row change a status. */
export interface Thresholds {
  /** Good results until an unhealthy status becomes healthy. */
  readonly rise: number;
  /** Bad results until a healthy status becomes unhealthy. */
  readonly fall: number;
}

/** A status that does not flap with single results. */
export interface SteadyStatus {
  readonly status: KnownStatus;
  /** True if the result has changed the status. The first result decides at once. */
  count(result: ServiceStatus): boolean;
}

export function makeSteadyStatus({ rise, fall }: Thresholds): SteadyStatus {
  let status: KnownStatus = "unknown";
  let against = 0;

  return {
    get status() {
      return status;
    },
    count(result) {
      against = result === status ? 0 : against + 1;
      const needed = result === "healthy" ? rise : fall;
      if (result === status || (status !== "unknown" && against < needed)) return false;
      status = result;
      against = 0;
      return true;
    },
  };
}
