import type { HealthReport } from "./report.ts";

/** What the rest of a process may ask a health cascade. */
export interface HealthSource {
  /** The report that a client would get now: from the cache, or after a probe round. Never rejects. */
  check(): Promise<HealthReport>;
}
