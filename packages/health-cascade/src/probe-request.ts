import type { ProbeTarget } from "./services.ts";

/** The request of a probe, however it reaches the service. */
export type ProbeRequest = Pick<ProbeTarget, "url" | "timeoutMs" | "tls">;

/** Maximum size of a health response that is read. */
export const maxBodyBytes = 65_536;

export const userAgent = "aivillage-health-cascade";

/**
 * How long a connection to one of several addresses may take before the next one is tried. Node's 250 ms are too few for a distant service, and
 * if the first packet was lost, which is sent again after a second.
 */
export const addressAttemptMs = 2_000;
