import type { ProbeTarget } from "./services.ts";

/** The request of a probe, however it reaches the service. */
export type ProbeRequest = Pick<ProbeTarget, "url" | "timeoutMs" | "tls">;

/** Maximum size of a health response that is read. */
export const maxBodyBytes = 65_536;

export const userAgent = "aivillage-health-cascade";
