import type { HealthReport } from "./report.ts";

/** What the rest of a process may ask a health cascade. */
export interface HealthSource {
  /** The report that a client would get now, after the same wait. Never rejects. */
  check(): Promise<HealthReport>;
}
